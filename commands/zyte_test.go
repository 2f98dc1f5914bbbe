package commands

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"smp/client/mock"
)

// zyteVault is a vault of a mock of Zyte API.
func zyteVault(t *testing.T, key string, cfg mock.Config) (*vault, *mock.Server) {
	t.Helper()
	cfg.Service, cfg.Key = mock.ServiceZyteAPI, key
	m, err := mock.Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	v := newVault(t, key, m.URL(), m.CACert())
	v.variables = append(v.variables, "SMP_SERVICE=zyte-api")
	return v, m
}

// zyteExits are the exit codes of the contract, by the type of the error.
var zyteExits = map[string]int{
	"/request/invalid": 10, "/request/invalid-json": 10, "/request/unprocessable": 10, "/request/header-size": 10,
	"/auth/not-valid": 3, "/auth/key-not-found": 3, "/auth/account-suspended": 3, "/auth/proxy-auth-not-valid": 3,
	"/website/domain-unreachable": 10, "/download/domain-forbidden": 10,
	"/limits/over-user-limit": 5, "/limits/over-domain-limit": 5, "/limits/over-org-domain-limit": 5,
	"/limits/over-global-limit": 5, "/extractor/over-global-limit": 5,
	"/server/internal": 6, "/server/timed-out": 6,
	"/download/temporary-error": 6, "/download/website-ban": 6, "/download/internal-error": 6,
	"/problem/session-expired": 4, "/problem/over-session-limit": 5, "/problem/session-creation-error": 5,
}

// Each error that the mock knows ends smp fetch with its code, for http and https, and
// whether its body is text or JSON. Nothing goes to stdout; --meta has it all.
func TestZyteErrors(t *testing.T) {
	t.Parallel()
	for _, name := range mock.FaultNames() {
		if strings.HasPrefix(name, "/") && zyteExits[name] == 0 {
			t.Errorf("no exit code for %s", name)
		}
	}
	for _, body := range []string{"text", "json"} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			v, m := zyteVault(t, "the-key-of-zyte-api", mock.Config{ErrorBody: body})
			for name, want := range zyteExits {
				for _, scheme := range []string{"http", "https"} {
					if err := m.Arm(mock.Fault{Name: name, Count: 1, On: "target"}); err != nil {
						t.Fatal(err)
					}
					code, out := v.run(t, nil, "fetch", "--unpaced", "--meta", "DIR/meta", scheme+"://shop.test/")
					if code != want || out != "" {
						t.Errorf("%s of %s: exit code %d, want %d; stdout %q", name, scheme, code, want, out)
					}
					var meta struct {
						Error struct {
							Code    string
							Message string
						}
						RequestID string `json:"request_id"`
					}
					text, err := os.ReadFile(filepath.Join(v.dir, "meta"))
					if err != nil || json.Unmarshal(text, &meta) != nil || meta.Error.Code != name || meta.Error.Message == "" || meta.RequestID == "" {
						t.Errorf("%s of %s: %v %s", name, scheme, err, text)
					}
				}
			}
		})
	}
}

// Every command on Zyte API, loudly: the key is in nothing that comes out, and nothing
// of the service's reaches a target.
func TestZyteSecrets(t *testing.T) {
	t.Parallel()
	for _, key := range secretKeys {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int64
			target := mock.HTTPBin()
			v, m := zyteVault(t, key, mock.Config{Origin: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				for name, values := range r.Header {
					if isServiceHeader(name) || strings.HasPrefix(name, "Proxy-") {
						t.Errorf("%s reached a target", name)
					}
					wantNoKey(t, key, "a target's header "+name, []byte(strings.Join(values, " ")))
				}
				target.ServeHTTP(w, r)
			})})
			for _, line := range slices.Concat(everything(), [][]string{
				{"fetch", "--session", "@shop", "--tag", "a=b", "--ip-type", "residential", "--region", "DE", "https://shop.test/headers"},
				{"fetch", "--browser", "--rpm", "100000", "http://shop.test/headers"},
				{"doctor"},
			}) {
				v.run(t, nil, line...)
				v.run(t, nil, append(slices.Clone(line), "-v")...)
			}
			v.run(t, []string{"SMP_API_KEY=", "ZYTE_API_KEY=" + key}, "fetch", "-v", "--json", "https://shop.test/")
			v.wantNothingKept(t)
			if n := requests.Load(); n < 20 {
				t.Errorf("only %d requests reached a target", n)
			}
			journal, err := json.Marshal(m.Journal())
			if err != nil {
				t.Fatal(err)
			}
			wantNoKey(t, key, "the mock's journal", journal)
		})
	}
}

// isServiceHeader reports whether a header is between us and a service alone.
func isServiceHeader(name string) bool {
	canonical := http.CanonicalHeaderKey(name)
	return strings.HasPrefix(canonical, "X-Crawlera-") || strings.HasPrefix(canonical, "Zyte-")
}
