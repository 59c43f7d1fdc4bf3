package collect

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/disk"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/report/human"
)

// templates are the files of a kit: the template, and a Bicep module around it.
//
//go:embed kit/pidledger.json kit/pidledger.bicep
var templates embed.FS

// KitCommand is pidledger kit.
func KitCommand(p *cli.Program) *cobra.Command {
	return &cobra.Command{
		Use:     "kit [FOLDER]",
		GroupID: cli.GroupTool,
		Short:   "Write templates that set up the exports of a subscription",
		Long: `Writes an ARM template, pidledger.json, and the same for Bicep, pidledger.bicep, into a folder, kit
if none is named. Deployed into a subscription, it makes a storage account with two cost exports
(FOCUS, Parquet, month to date and last month), sends the activity log there, and gives the identity
that pidledger runs as two roles and no more: Reader on the subscription, and Storage Blob Data
Reader on the account. What is there already is never overwritten.

Who deploys it needs the roles Contributor and User Access Administrator, or Owner.`,
		Example: `  pidledger kit
  pidledger kit /srv/contoso/kit`,
		Args:        cli.FolderArg,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage)},
		RunE: func(_ *cobra.Command, args []string) error {
			folder := "kit"
			if len(args) > 0 {
				folder = args[0]
			}
			return writeKit(p, folder)
		},
	}
}

func writeKit(p *cli.Program, folder string) error {
	files, err := fs.ReadDir(templates, "kit")
	if err != nil {
		return err
	}
	for _, f := range files {
		if _, err := os.Lstat(filepath.Join(folder, f.Name())); err == nil {
			return exit.Usagef("name another folder, or remove that file", "%s is there already", filepath.Join(folder, f.Name()))
		}
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	for _, f := range files {
		text, err := templates.ReadFile("kit/" + f.Name())
		if err != nil {
			return err
		}
		if err := disk.Create(filepath.Join(folder, f.Name()), text, 0o600); err != nil {
			return fmt.Errorf("write the kit: %w", err)
		}
	}
	out := human.NewPrinter(p.Out, p.Color(p.Out))
	out.Line(human.Plain, "Written to "+human.Clean(folder)+". For each subscription whose usage pidledger should know:")
	out.Section("1. Deploy it; PRINCIPAL is the object id of the identity that pidledger runs as")
	for _, provider := range []string{"Microsoft.CostManagementExports", "Microsoft.Insights"} {
		out.Line(human.Bold, "  az provider register --namespace "+provider)
	}
	out.Line(human.Bold, "  az deployment sub create --name pidledger --location westeurope \\")
	out.Line(human.Bold, "    --template-file "+human.ShellWord(filepath.Join(folder, "pidledger.json"))+" \\")
	out.Line(human.Bold, "    --parameters principalId=PRINCIPAL --query properties.outputs")
	out.Section("2. Name its two outputs, costSource and activitySource, under sources")
	out.Section("3. Get what was before, and what Azure does not export, every night")
	out.Line(human.Bold, "  pidledger collect")
	return out.Err()
}
