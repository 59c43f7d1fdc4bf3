package authoring

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/disk"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/snippet"
	"github.com/pidledger/pidledger/cmd/template"
	"github.com/pidledger/pidledger/cmd/template/arm"
	"github.com/pidledger/pidledger/cmd/template/files"
	"github.com/pidledger/pidledger/cmd/template/source"
	"github.com/pidledger/pidledger/report/human"
)

type templateTagOptions struct {
	id                                          string
	output                                      string
	optOut, partnerCenter, perRegion, onlyCheck bool
	besideOthers                                bool
}

func newTemplateTagCommand(p *cli.Program) *cobra.Command {
	var o templateTagOptions
	cmd := &cobra.Command{
		Use:   "tag FILE",
		Short: "Put a tracking id into an ARM template",
		Long: `Puts the empty nested deployment that carries the id into the resources of a main template.
Nothing else changes: format, comments, order and line ends stay. A template that has the id
already stays as it is; one that has another is refused without --beside-others, and so is one
that a main template links to. For Bicep, Terraform and programs use pidledger snippet.
Without --output the file is replaced, whole or not at all.`,
		Example: `  pidledger template tag mainTemplate.json --id GUID
  pidledger template tag azuredeploy.json --id GUID --opt-out --output tagged.json
  pidledger template tag azuredeploy.json --id GUID --beside-others
  pidledger template tag azuredeploy.json --id GUID --check`,
		Args:        cobra.ArbitraryArgs,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage, exit.Check)},
		RunE:        func(_ *cobra.Command, args []string) error { return runTemplateTag(p, o, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.id, "id", "", "tracking `GUID`, or the id that Partner Center shows (needed)")
	p.CompleteFlags(cmd, &config.Flags{}, map[string]string{"id": cli.TrackingID})
	flags.BoolVar(&o.optOut, "opt-out", false, "with a parameter enablePartnerTracking, so that customers can decline")
	flags.BoolVar(&o.partnerCenter, "partner-center", false, "the id is one of Partner Center: -partnercenter goes after it")
	flags.BoolVar(&o.perRegion, "per-region", false, "above the resource group: a hash of the region goes after the id, so that several regions work")
	flags.BoolVar(&o.besideOthers, "beside-others", false, "put the id in although the template has others, such as those of modules")
	flags.BoolVar(&o.onlyCheck, "check", false, "change nothing; fail when the template does not have the id")
	flags.StringVar(&o.output, "output", "", "write the result to this `file` instead; - is standard output")
	return cmd
}

func runTemplateTag(p *cli.Program, o templateTagOptions, args []string) error {
	const usage = "pidledger template tag mainTemplate.json --id GUID"
	switch {
	case len(args) != 1:
		return exit.Usagef(usage, "one template is needed, but %d are named", len(args))
	case o.id == "":
		return exit.Usagef(usage, "--id is needed")
	}
	file := args[0]
	if err := o.taggable(file); err != nil {
		return err
	}
	data, err := files.Read(file)
	if err != nil {
		return exit.Usagef("name an ARM template", "%v", err)
	}
	if main := files.MainOf(file, data); main != "" {
		return exit.Usagef("pidledger template tag "+human.ShellWord(main)+" --id "+human.ShellWord(o.id),
			"%s: not a main template: %s links to it, and the guide wants the id in the main one", file, main)
	}
	out, err := template.Tag(data, template.TagOptions{
		ID: o.id, PartnerCenter: o.partnerCenter, OptOut: o.optOut, PerRegion: o.perRegion, AllowOthers: o.besideOthers, Name: files.Shown(file),
	})
	var tagged *template.TaggedError
	var syntax *arm.SyntaxError
	switch {
	case err == nil:
	case errors.Is(err, template.ErrAlreadyTagged):
		p.Note("%s: %v", file, err)
	case errors.As(err, &tagged):
		return &exit.FindingsError{Msg: fmt.Sprintf("%s: %v", file, err),
			Hint: "keep one id: take the other deployment out of the template, or leave the file as it is; " +
				"when the other is that of a module somebody else made, --beside-others puts yours in beside it"}
	case errors.As(err, &syntax) && !bytes.HasPrefix(bytes.TrimLeft(data, "\ufeff \t\r\n"), []byte("{")):
		return exit.Usagef("pidledger snippet --for LANGUAGE writes the lines to add to what is not an ARM template", "%s: template tag puts ids into ARM templates (JSON) only", file)
	case errors.As(err, &syntax):
		return exit.Usagef("fix the JSON", "%s: not a whole ARM template: %v", file, err)
	case errors.Is(err, template.ErrBadID), errors.Is(err, template.ErrNotMain):
		return exit.Usagef(usage, "%s: %v", file, err)
	default:
		return fmt.Errorf("%s: %w", file, err)
	}
	changed := !bytes.Equal(out, data)
	switch {
	case o.onlyCheck && changed:
		return &exit.FindingsError{Msg: file + " does not have the id", Hint: "pidledger template tag " + human.ShellWord(file) + " --id " + human.ShellWord(o.id)}
	case o.onlyCheck:
		return nil
	case err == nil:
		noteRegion(p, file, out, o)
	}
	switch {
	case o.output == "-":
		_, err := p.Out.Write(out)
		return err
	case o.output != "":
		if err := disk.Replace(o.output, out, 0o644); err != nil {
			return err
		}
		p.Note("wrote %s", o.output)
		return nil
	case !changed:
		return nil
	}
	if err := disk.Replace(file, out, 0o644); err != nil {
		return err
	}
	p.Note("%s: put the id in", file)
	return nil
}

// taggable refuses files that are not ARM template by their name, with the way to get an id into them.
func (o templateTagOptions) taggable(file string) error {
	way := ""
	switch language := snippet.Of(file); {
	case language == "arm":
		return nil
	case language != "":
		flags, to := " --id "+human.ShellWord(o.id), file
		if o.partnerCenter {
			flags += " --partner-center"
		}
		if strings.EqualFold(filepath.Ext(file), ".bicepparam") {
			to = "the Bicep file that " + file + " is for"
		}
		way = "pidledger snippet --for " + language + flags + " writes the lines to add to " + to
	case strings.EqualFold(filepath.Ext(file), ".zip"):
		way = "unpack it, pidledger template tag mainTemplate.json --id " + human.ShellWord(o.id) + ", and pack it again"
	case source.IsSource(file):
		way = "pidledger snippet --help names the languages that it writes lines for"
	default:
		return nil
	}
	return exit.Usagef(way, "%s: template tag puts ids into ARM templates (JSON) only", file)
}

// noteRegion says what the check has to say about a name above the resource group (L17).
func noteRegion(p *cli.Program, file string, data []byte, o templateTagOptions) {
	found, err := template.Check(files.Shown(file), data, template.Options{Role: template.Main})
	if err != nil {
		return // the template was read back already
	}
	for _, f := range found {
		if f.Rule != "L17" || f.Severity < template.Warning || !strings.Contains(strings.ToLower(o.id), f.ID) {
			continue
		}
		way := "deploy it to one region, or give the deployment a fixed location"
		if !o.partnerCenter {
			way = "--per-region puts a hash of the region after the id; else deploy to one region, or give the deployment a fixed location"
		}
		p.Note("%s: %s: L17 %s (%s)", file, f.Severity, f.Why, way)
	}
}
