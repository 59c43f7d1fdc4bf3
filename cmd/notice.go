package cmd

import (
	"io"
	"net/url"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/ingest/notice"
)

type noticeOptions struct {
	notice.Notice
	subject, format enumFlag
}

func newNoticeCommand(p *program) *cobra.Command {
	o := noticeOptions{subject: enumFlag{name: "for", values: notice.Subjects}, format: enumFlag{name: "format", values: notice.Formats}}
	cmd := &cobra.Command{
		Use:     "notice",
		GroupID: groupTool,
		Short:   "Write the notice to customers that Microsoft asks partners for",
		Long: `Writes a notice to customers about usage attribution: that the provider can tell its installation
and find the resources in use, what is collected, by whom and why, where the privacy policies are,
and how to opt out. Read it with your lawyers before you publish it.`,
		Example: `  pidledger notice --partner Contoso --for template --privacy https://contoso.example/privacy \
    --opt-out 'Set the parameter enablePartnerTracking to false.' > NOTICE.md
  pidledger notice --partner Contoso --for api --format html`,
		Args:        noArgs,
		Annotations: map[string]string{exitNote: exitText(exitDone, exitFailed, exitUsage)},
		RunE:        func(*cobra.Command, []string) error { return p.runNotice(&o) },
	}
	cmd.Flags().StringVar(&o.Partner, "partner", "", "`name` of the partner, as customers know it (needed)")
	o.subject.add(cmd, "how the software gets into Azure (needed)")
	o.format.add(cmd, "form of the notice (default markdown)")
	cmd.Flags().StringVar(&o.Privacy, "privacy", "", "`address` of the partner's own privacy policy (https://...)")
	cmd.Flags().StringVar(&o.OptOut, "opt-out", "", "`text` that says how to opt out; without it: by asking the partner")
	return cmd
}

func (p *program) runNotice(o *noticeOptions) error {
	const usage = "pidledger notice --partner Contoso --for template"
	format := notice.Formats[0]
	switch {
	case len(o.format.chosen) > 1:
		return usagef(usage, "--format is one of %s", strings.Join(notice.Formats, ", "))
	case len(o.format.chosen) == 1:
		format = o.format.chosen[0]
	}
	for _, v := range []*string{&o.Partner, &o.OptOut, &o.Privacy} {
		*v = strings.TrimSpace(*v)
		if strings.ContainsFunc(*v, unicode.IsControl) {
			return usagef(usage, "%q has line breaks or other control characters", *v)
		}
	}
	if o.Partner == "" || len(o.subject.chosen) != 1 {
		return usagef(usage, "--partner and one --for are needed")
	}
	if u, err := url.Parse(o.Privacy); o.Privacy != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "") {
		return usagef("--privacy https://contoso.example/privacy", "--privacy: %q is no web address", o.Privacy)
	}
	o.Subject = o.subject.chosen[0]
	text, err := o.Write(format)
	if err != nil {
		return err
	}
	if o.OptOut == "" {
		p.note("the notice tells customers to ask you; --opt-out says how to opt out")
	}
	_, err = io.WriteString(p.out, text)
	return err
}
