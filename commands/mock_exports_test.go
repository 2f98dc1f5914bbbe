package commands

import (
	"os/exec"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"smp/commands/process"
)

func TestMockVariablesSurviveAShell(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"test", "", "it's", `a "b" $HOME \n`, "$(exit 1)`exit 1`", "ü\n;x", "-n", "'"} {
		vars := mockSettings{endpoint: "http://127.0.0.1:1", key: key, caCert: "/tmp/a b/ca.pem", scale: 1}.variables()
		script := process.Exports(vars) + `printf '%s|%s' "$SMP_API_KEY" "$SMP_CACERT"`
		got, err := exec.Command("sh", "-euc", script).CombinedOutput()
		if err != nil {
			t.Errorf("key %q: %v: %s", key, err, got)
		}
		if want := key + "|/tmp/a b/ca.pem"; string(got) != want {
			t.Errorf("key %q: the shell has %q, want %q", key, got, want)
		}
	}
}

func TestMockVariables(t *testing.T) {
	t.Parallel()
	got := process.Exports(mockSettings{
		endpoint: "http://127.0.0.1:8011", key: "test", caCert: "/ca.pem", delay: 120 * time.Millisecond, scale: 100,
	}.variables())
	const want = `export SMP_ENDPOINT='http://127.0.0.1:8011'
export SMP_API_KEY='test'
export SMP_CACERT='/ca.pem'
export SMP_DELAY='120ms'
export SMP_TIME_SCALE='100'
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
