package commands_test

// The whole program, told by scripts: testdata/script/*.txtar, each a test of
// its own that runs beside the others. `smp` in a script is the program as it is
// built from this tree: streams, exit codes, signals and concurrency are the
// real ones. A script starts in a directory of its own with the files of its
// archive. HOME and the state directory are inside it, and none of the SMP_*
// variables is set.
//
// Beside testscript's own commands (exec, stdin, stdout, stderr, cmp, grep,
// exists, env, kill, wait …; `exec … &name&` runs in the background) there are:
//
//	mock [FLAG…]              starts `smp mock --listen 127.0.0.1:0 FLAG…` and sets the variables that it
//	                          prints (SMP_ENDPOINT, SMP_API_KEY, SMP_CACERT …), and MOCK to its host:port; a
//	                          second one takes over from the first. All are stopped when the script ends
//	smp ARG…                  the same as exec smp ARG…
//	exits CODE COMMAND ARG…   runs COMMAND and wants this very exit code (128+N: killed by signal N), or,
//	                          as exits SIGINT COMMAND…, that it really died of the signal; stdout and
//	                          stderr look at what it printed, as after exec
//	terminate                 sends SIGTERM to what runs in the background (kill knows INT and KILL only)
//	down VAR                  sets VAR to the host:port of an endpoint that refuses connections
//	redis VAR                 starts a Redis server in memory, and sets VAR to its URL and REDIS to its address
//	replay VAR FILE…            sets VAR to the host:port of a server that answers its first request with the
//	                          bytes of the first FILE, and so on, the last one for all that follow, and
//	                          closes. "-" hangs up without an answer, "stall" never answers. Heads may be
//	                          written with plain newlines. Requests are kept in the file VAR.requests
//	http [-u USER:] METHOD URL [BODY]
//	                          one request without smp; the answer's body is stdout, its head stderr
//	json PATH PATTERN [FILE]  FILE (stdout) holds one JSON document whose value at PATH (error.code, 0.id;
//	                          "." is all of it) matches the regular expression; `! json PATH` wants none
//	json MEMBER=VALUE PATH PATTERN [FILE]
//	                          FILE holds JSON lines, and that document is the one whose MEMBER is VALUE
//	keep VAR [FILE]           sets VAR to the text of FILE (stdout), less the newline at its end
//	lines N [FILE]            FILE (stdout) has N lines
//	await FILE [PATTERN]      waits until FILE is there (and matches)
//
// get (testdata/get) is an HTTP client that knows nothing of smp, and uses the proxy
// that its environment names. source FILE reads variables that `smp relay` has
// written.
//
// `smp mock FLAG… -- sh -c '…'` needs none of them. To rewrite the files that a
// failing cmp compares with: go test ./commands -run Script -update

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite what scripts compare with")

func TestScript(t *testing.T) {
	t.Parallel()
	bin := buildProgram(t)
	if err := buildGet(); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                filepath.Join("..", "testdata", "script"),
		Setup:              func(env *testscript.Env) error { return scriptEnvironment(env, bin) },
		RequireUniqueNames: true,
		UpdateScripts:      *update,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"smp":       scriptSmp,
			"mock":      scriptMock,
			"exits":     scriptExits,
			"terminate": scriptTerminate,
			"down":      scriptDown,
			"redis":     scriptRedis,
			"replay":    scriptReplay,
			"http":      scriptHTTP,
			"json":      scriptJSON,
			"keep":      scriptKeep,
			"lines":     scriptLines,
			"await":     scriptAwait,
			"source":    scriptSource,
		},
	})
}

// scriptEnvironment gives a script the program and a home of its own. What
// testscript sets up holds no variable of the machine but PATH.
func scriptEnvironment(env *testscript.Env, bin string) error {
	home := filepath.Join(env.WorkDir, ".home")
	env.Setenv("PATH", bin+string(os.PathListSeparator)+env.Getenv("PATH"))
	env.Setenv("HOME", home)
	env.Setenv("SMP_STATE_DIR", filepath.Join(home, "state"))
	env.Setenv("TESTDATA", testdata())
	return os.MkdirAll(home, 0o700)
}

func testdata() string {
	dir, err := filepath.Abs(filepath.Join("..", "testdata"))
	if err != nil {
		panic(err)
	}
	return dir
}
