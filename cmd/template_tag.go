package cmd

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/ingest/template"
	"github.com/pidledger/pidledger/report"
)

type templateTagOptions struct {
	id                                          string
	output                                      string
	optOut, partnerCenter, perRegion, onlyCheck bool
}

func newTemplateTagCommand(p *program) *cobra.Command {
	var o templateTagOptions
	cmd := &cobra.Command{
		Use:   "tag FILE",
		Short: "Put a tracking id into an ARM template",
		Long: `Puts the empty nested deployment that carries the id into the resources of a main template.
Nothing else changes: format, comments, order and line ends stay. A template that has the id
already stays as it is; one that has another is refused, and so is a nested or linked template.
Without --output the file is replaced, whole or not at all.`,
		Example: `  pidledger template tag mainTemplate.json --id GUID
  pidledger template tag azuredeploy.json --id GUID --opt-out --output tagged.json
  pidledger template tag azuredeploy.json --id GUID --check`,
		Args:        cobra.ArbitraryArgs,
		Annotations: map[string]string{exitNote: exitText(exitDone, exitFailed, exitUsage, exitCheck)},
		RunE:        func(_ *cobra.Command, args []string) error { return p.runTemplateTag(o, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.id, "id", "", "tracking `GUID`, or the id that Partner Center shows (needed)")
	flags.BoolVar(&o.optOut, "opt-out", false, "with a parameter enablePartnerTracking, so that customers can decline")
	flags.BoolVar(&o.partnerCenter, "partner-center", false, "the id is one of Partner Center: -partnercenter goes behind it")
	flags.BoolVar(&o.perRegion, "per-region", false, "above the resource group: a hash of the region goes behind the id, so that several regions work")
	flags.BoolVar(&o.onlyCheck, "check", false, "change nothing; fail when the template does not have the id")
	flags.StringVar(&o.output, "output", "", "write the result to this `file` instead; - is standard output")
	return cmd
}

func (p *program) runTemplateTag(o templateTagOptions, args []string) error {
	const usage = "pidledger template tag mainTemplate.json --id GUID"
	switch {
	case len(args) != 1:
		return usagef(usage, "one template is needed, but %d are named", len(args))
	case o.id == "":
		return usagef(usage, "--id is needed")
	}
	file := args[0]
	data, err := readTemplate(file)
	if err != nil {
		return usagef("name an ARM template", "%v", err)
	}
	out, err := template.Tag(data, template.TagOptions{
		ID: o.id, PartnerCenter: o.partnerCenter, OptOut: o.optOut, PerRegion: o.perRegion, Name: shownPath(file),
	})
	var tagged *template.TaggedError
	switch {
	case err == nil:
	case errors.Is(err, template.ErrAlreadyTagged):
		p.note("%s: %v", file, err)
	case errors.As(err, &tagged):
		return &findingsError{fmt.Sprintf("%s: %v", file, err), "keep one id: take the other deployment out of the template, or leave the file as it is"}
	case errors.Is(err, template.ErrBadID), errors.Is(err, template.ErrNotMain):
		return usagef(usage, "%s: %v", file, err)
	default:
		return fmt.Errorf("%s: %w", file, err)
	}
	changed := !bytes.Equal(out, data)
	switch {
	case o.onlyCheck && changed:
		return &findingsError{file + " does not have the id", "pidledger template tag " + report.ShellWord(file) + " --id " + report.ShellWord(o.id)}
	case o.onlyCheck:
		return nil
	case o.output == "-":
		_, err := p.out.Write(out)
		return err
	case o.output != "":
		if err := replaceFile(o.output, out, 0o644); err != nil {
			return err
		}
		p.note("wrote %s", o.output)
		return nil
	case !changed:
		return nil
	}
	if err := replaceFile(file, out, 0o644); err != nil {
		return err
	}
	p.note("%s: put the id in", file)
	return nil
}
