package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/pidledger/pidledger/cmd/terminal"
)

// TestMain makes the test binary serve as pidledger in the scripts; FAKE_APP chooses what its App does.
func TestMain(m *testing.M) {
	testscript.Main(withoutScratch{m}, map[string]func(){
		"pidledger": func() {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			fake := &fakeApp{mode: os.Getenv("FAKE_APP")}
			streams := terminal.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Environ: os.Environ()}
			p := newProgram(streams, func() time.Time { return fakeStart }, fake, fake.steps())
			code := p.run(ctx, os.Args[1:])
			stop()
			os.Exit(code)
		},
		itself: func() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// itself is the name under which the test program is pidledger, without anything that only tests have.
const itself = "pidledger-itself"

// TestScripts runs the command line as a person sees it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("..", "testdata", "script"),
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition: func(name string) (bool, error) {
			if name != "demo" {
				return false, fmt.Errorf("unknown condition %s", name)
			}
			return !testing.Short(), nil // a whole run takes seconds
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			// demo makes $DEMO the folder of reports of a run on testdata/demo, with their snapshot.
			"demo": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) > 0 {
					ts.Fatalf("usage: demo")
				}
				reports, err := demoReports()
				ts.Check(err)
				ts.Setenv("DEMO", reports)
			},
			// exits CODE ARGS... runs pidledger and compares its exit code.
			"exits": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) < 2 {
					ts.Fatalf("usage: exits CODE ARGS...")
				}
				code := 0
				if err := ts.Exec("pidledger", args[1:]...); err != nil {
					var ended *exec.ExitError
					if !errors.As(err, &ended) {
						ts.Fatalf("%v", err)
					}
					code = ended.ExitCode()
				}
				if strconv.Itoa(code) != args[0] {
					ts.Fatalf("exit code %d, want %s", code, args[0])
				}
			},
		},
	})
}
