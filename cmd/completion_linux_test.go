package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// In bash, the names of offers stay whole, and the one that is left is written as the shell reads it.
func TestCompletionInBash(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a whole run takes seconds")
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("SKIPPED: there is no bash")
	}
	_, script, _ := runWith(t, nil, "completion", "bash")
	reports, err := demoReports()
	if err != nil {
		t.Fatal(err)
	}
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(binary, filepath.Join(bin, itself)); err != nil {
		t.Fatal(err)
	}
	// What the package bash-completion would do: the words of the line, taken apart at blanks. What stands before = is not offered again.
	const begin = `
_init_completion() { words=("${COMP_WORDS[@]}"); cword=$COMP_CWORD; cur=${words[cword]}; }
complete_words() { COMP_WORDS=(` + itself + ` "$@"); COMP_CWORD=$(($#)); COMP_TYPE=9; COMPREPLY=(); __start_pidledger; (IFS='|'; echo "${COMPREPLY[*]}"); }
`
	for words, want := range map[string]string{
		`compare channels --offer ''`:                        "Contoso Data Hub|Contoso Edge, Gateway|Contoso Insight",
		`compare channels --offer 'Contoso\ I'`:              `Contoso\ Insight`,
		`verify 'Contoso\ D'`:                                `Contoso\ Data\ Hub`,
		`query services_of_offer --param 'offer=Contoso\ I'`: `Contoso\ Insight`,
		`query largest_customers --param month=`:             "2026-03|2026-04",
		`compare months 2026-03 ''`:                          "2026-04",
		`snippet --id 3802`:                                  "380208a9-ad45-423d-bb1a-11df587fd280",
		`template check --channel g`:                         "github",
		`template tag --id 3802`:                             "380208a9-ad45-423d-bb1a-11df587fd280",
	} {
		cmd := exec.CommandContext(t.Context(), bash, "--norc", "-c", begin+script+"\ncomplete_words "+words)
		cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "PIDLEDGER_REPORT_DIR="+reports, "COMP_WORDBREAKS=")
		out, err := cmd.Output()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("%s\nis completed as %s\nwant %s, %v", words, got, want, err)
		}
	}
}
