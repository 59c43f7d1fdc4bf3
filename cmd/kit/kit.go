// Package kit is `pidledger kit`: templates that set up the exports of a subscription, of the subscriptions of a management group, or of a billing scope,
// with the roles that pidledger needs. What a resource is stands once, in files/resources.json; the ARM template and Terraform say it in their own words
// (files/values.csv), and the Bicep file has the ARM template as its module.
package kit

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/disk"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/report/human"
)

//go:embed files
var files embed.FS

// Command is pidledger kit.
func Command(p *cli.Program) *cobra.Command {
	k := Kit{}
	cmd := &cobra.Command{
		Use:     "kit [FOLDER]",
		GroupID: cli.GroupTool,
		Short:   "Write templates that set up exports, for ARM, Bicep and Terraform",
		Long: `Writes into a folder, kit if none is named, an ARM template (pidledger.json), the same for Bicep
(pidledger.bicep) and for Terraform or OpenTofu (main.tf). Any one of them makes a storage account
with two cost exports (FOCUS, Parquet, month to date and last month), sends the activity log there,
and gives the identity that pidledger runs as two roles and no more: Reader on the subscription, and
Storage Blob Data Reader on the account. An identity is made if you have none. What is there already
is never overwritten.

--scope is what is exported: a subscription (the default); the subscriptions of a management group,
each with its own exports, for Azure has no FOCUS export of the group; or a billing scope, from
/providers/Microsoft.Billing/billingAccounts/ on, whose exports hold all its subscriptions, and no
activity.

--customer is for a kit that you hand to a customer. It keeps all in the customer's own account,
gives you Reader through Azure Lighthouse, and adds NOTICE.md: what is shared, and how to undo it.`,
		Example: `  pidledger kit
  pidledger kit --scope 22222222-2222-4333-8444-555555555555 --storage contosopidledger
  pidledger kit --customer northwind-kit
  pidledger kit --scope /providers/Microsoft.Management/managementGroups/contoso`,
		Args:        cli.FolderArg,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage)},
		RunE: func(_ *cobra.Command, args []string) error {
			folder := "kit"
			if len(args) > 0 {
				folder = args[0]
			}
			if err := k.read(); err != nil {
				return err
			}
			return k.write(p, folder)
		},
	}
	cmd.Flags().StringVar(&k.Scope, "scope", "", "`scope` whose costs are exported: a subscription, a management group, or a billing scope")
	cmd.Flags().StringVar(&k.Storage, "storage", "", "`name` of the storage account (default: one made from the id of the subscription)")
	cmd.Flags().BoolVar(&k.Customer, "customer", false, "a kit to hand to a customer")
	return cmd
}

// Kit is what a kit is for.
type Kit struct {
	Scope    string // as an Azure resource id; empty: that of the subscription it is deployed into
	Storage  string // name of the storage account; empty: left to who deploys it
	Customer bool   // handed to a customer

	Level level
	ID    string // the last part of Scope
}

// level is the kind of a scope, which templates are deployed to.
type level string

const (
	subscription    level = "subscription"
	managementGroup level = "managementGroup"
	billing         level = "tenant" // billing accounts stand there
)

const segment = `[A-Za-z0-9][A-Za-z0-9._:()-]*`

var (
	scopes = map[level]*regexp.Regexp{
		subscription:    regexp.MustCompile(`^/subscriptions/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$`),
		managementGroup: regexp.MustCompile(`^/providers/Microsoft\.Management/managementGroups/(` + segment + `)$`),
		billing: regexp.MustCompile(`^/providers/Microsoft\.Billing/billingAccounts/(` + segment + `)` +
			`(?:/(?:departments|enrollmentAccounts|customers|billingProfiles)/` + segment + `|/billingProfiles/` + segment + `/invoiceSections/` + segment + `)?$`),
	}
	guid    = regexp.MustCompile(`^[0-9a-fA-F-]{36}$`)
	account = regexp.MustCompile(`^[a-z0-9]{3,24}$`)
)

// read checks what was asked for.
func (k *Kit) read() error {
	k.Level = subscription
	if k.Storage != "" && !account.MatchString(k.Storage) {
		return exit.Usagef("use 3 to 24 small letters and digits", "%s cannot be the name of a storage account", human.Clean(k.Storage))
	}
	if k.Scope == "" {
		return nil
	}
	at := strings.TrimSuffix(k.Scope, "/")
	if guid.MatchString(at) {
		at = "/subscriptions/" + at
	}
	if strings.HasPrefix(at, "/subscriptions/") {
		at = strings.ToLower(at)
	}
	for kind, pattern := range scopes {
		if m := pattern.FindStringSubmatch(at); m != nil {
			k.Level, k.Scope, k.ID = kind, at, m[1]
			if k.Customer && strings.Contains(at, "/customers/") {
				return exit.Usagef("leave out --customer", "the billing scope of a customer is the partner's: there is nothing to hand over")
			}
			return nil
		}
	}
	return exit.Usagef("name a subscription by its id, or give the resource id of a management group, billing account, department, enrollment account, billing profile, invoice section or customer",
		"%s is no scope that has exports", human.Clean(k.Scope))
}

// The templates ask these.

func (k Kit) Subscription() bool    { return k.Level == subscription }
func (k Kit) ManagementGroup() bool { return k.Level == managementGroup }
func (k Kit) Billing() bool         { return k.Level == billing }

// Roles tells whether who reads is given roles: a customer delegates, and a billing scope has none to give.
func (k Kit) Roles() bool { return !k.Customer && !k.Billing() }

// Target is the scope of the deployment, as Bicep calls it.
func (k Kit) Target() string { return string(k.Level) }

// What is what the kit is for, in words.
func (k Kit) What() string {
	return map[level]string{subscription: "one subscription", managementGroup: "the subscriptions of a management group", billing: "a billing scope"}[k.Level]
}

// Schema is that of the ARM template.
func (k Kit) Schema() string {
	return map[level]string{
		subscription: "2018-05-01/subscriptionDeploymentTemplate.json", managementGroup: "2019-08-01/managementGroupDeploymentTemplate.json",
		billing: "2019-08-01/tenantDeploymentTemplate.json",
	}[k.Level]
}

// write writes the kit and says what to do with it.
func (k Kit) write(p *cli.Program, folder string) error {
	texts, err := k.files()
	if err != nil {
		return fmt.Errorf("the templates of this program: %w", err)
	}
	for _, f := range texts {
		if _, err := os.Lstat(filepath.Join(folder, f.name)); err == nil {
			return exit.Usagef("name another folder, or remove that file", "%s is there already", filepath.Join(folder, f.name))
		}
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	for _, f := range texts {
		if err := disk.Create(filepath.Join(folder, f.name), f.text, 0o600); err != nil {
			return fmt.Errorf("write the kit: %w", err)
		}
	}
	return k.say(p, folder)
}

// deploy is the command that deploys the ARM template, by lines.
func (k Kit) deploy(folder string) []string {
	kind, at := "sub", ""
	switch {
	case k.ManagementGroup():
		kind, at = "mg", "--management-group-id "+human.ShellWord(k.ID)
	case k.Billing():
		kind = "tenant"
	case k.ID != "":
		at = "--subscription " + k.ID
	}
	lines := []string{"az deployment " + kind + " create --name pidledger --location westeurope"}
	if at != "" {
		lines = append(lines, at)
	}
	var parameters []string
	if !k.Subscription() {
		parameters = append(parameters, "subscriptionId=SUBSCRIPTION")
	}
	if k.Customer && !k.Billing() {
		parameters = append(parameters, "partnerTenantId=TENANT")
	}
	if !k.Customer || !k.Billing() {
		parameters = append(parameters, "principalId=PRINCIPAL")
	}
	lines = append(lines, "--template-file "+human.ShellWord(filepath.Join(folder, "pidledger.json")))
	if len(parameters) > 0 {
		lines = append(lines, "--parameters "+strings.Join(parameters, " "))
	}
	if k.ManagementGroup() {
		lines = append(lines, `--parameters subscriptions='["SUBSCRIPTION","ANOTHER"]'`)
	}
	lines = append(lines, "--query properties.outputs")
	return strings.Split(strings.Join(lines, " \\\n  "), "\n")
}

// providers have to be registered once in the subscriptions that things are made in.
func (k Kit) providers() []string {
	names := []string{"Microsoft.CostManagementExports"}
	switch {
	case k.Roles():
		names = append(names, "Microsoft.Insights")
	case !k.Billing():
		names = append(names, "Microsoft.ManagedServices")
	}
	return names
}

// say says what comes next.
func (k Kit) say(p *cli.Program, folder string) error {
	out := human.NewPrinter(p.Out, p.Color(p.Out))
	if k.Customer {
		out.Text(human.Plain, 0, "Written to "+human.Clean(folder)+", to be handed to the customer: NOTICE.md says what is shared, how to set it up, and how to undo it.")
		if !k.Billing() {
			out.Text(human.Plain, 0, "Tell the customer your tenant id, and the object id of the identity that pidledger runs as.")
		}
		out.Text(human.Plain, 0, "You will be sent an address of the container.")
		out.Section("Keep that address in the file that azure.credentials names, and list as a source")
		out.Line(human.Bold, "  az://ACCOUNT/exports/cost")
		return out.Err()
	}
	out.Text(human.Plain, 0, "Written to "+human.Clean(folder)+", for "+k.What()+".")
	out.Section("1. Deploy it; PRINCIPAL is the object id of the identity that pidledger runs as")
	for _, provider := range k.providers() {
		out.Line(human.Bold, "  az provider register --namespace "+provider)
	}
	for _, line := range k.deploy(folder) {
		out.Line(human.Bold, "  "+line)
	}
	if k.Billing() {
		out.Text(human.Plain, 0, "That needs a role at the root of the tenant (/). Terraform does without; from that folder:")
	} else {
		out.Text(human.Plain, 0, "Without principalId an identity is made. With Terraform, from that folder:")
	}
	out.Line(human.Bold, "  terraform init && terraform apply -var start="+p.Now().UTC().AddDate(0, 0, 1).Format(time.DateOnly)+"T00:00:00Z")
	if k.Billing() {
		out.Section("2. Name its output costSource under sources")
		out.Section("3. Give the identity Reader on the subscriptions, and get the rest every night")
		out.Text(human.Plain, 0, "A management group above them will do, too. The rest is the activity log, and what Azure does not export.")
	} else {
		out.Section("2. Name its outputs costSource and activitySource under sources")
		out.Section("3. Get what was before, and what Azure does not export, every night")
	}
	out.Line(human.Bold, "  pidledger collect")
	return out.Err()
}

// notice is what a customer is told.
type notice struct {
	Kit
	Providers, Deploy []string
}

// file is a file of a kit.
type file struct {
	name string
	text []byte
}

// files makes the files.
func (k Kit) files() ([]file, error) {
	text, err := k.render("pidledger.json.tmpl", words{Kit: k, language: inARM})
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	kit := []file{{"pidledger.json", b.Bytes()}}
	module, err := k.module(b.Bytes())
	if err != nil {
		return nil, err
	}
	if text, err = k.render("pidledger.bicep.tmpl", module); err != nil {
		return nil, err
	}
	kit = append(kit, file{"pidledger.bicep", text})
	if text, err = k.render("main.tf.tmpl", words{Kit: k, language: inTerraform}); err != nil {
		return nil, err
	}
	kit = append(kit, file{"main.tf", laidOut(text)})
	if k.Customer {
		if text, err = k.render("NOTICE.md.tmpl", notice{k, k.providers(), k.deploy("")}); err != nil {
			return nil, err
		}
		kit = append(kit, file{"NOTICE.md", text})
	}
	return kit, nil
}
