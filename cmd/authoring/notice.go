package authoring

import (
	"bytes"
	"errors"
	"io"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/disk"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/notice"
)

type noticeOptions struct {
	notice.Notice
	subject, format, language config.Enum
	textFile                  string
}

func newNoticeCommand(p *cli.Program) *cobra.Command {
	o := noticeOptions{subject: config.Enum{Name: "for", Values: notice.Subjects}, format: config.Enum{Name: "format", Values: notice.Formats}, language: config.Enum{Name: "lang", Values: notice.Languages()}}
	cmd := &cobra.Command{
		Use:     "notice",
		GroupID: cli.GroupTool,
		Short:   "Write the notice to customers that Microsoft asks partners for",
		Long: `Writes a notice to customers about usage attribution: that the provider can tell its installation
and find the resources in use, what is collected, by whom and why, where the privacy policies are,
and how to opt out. Read it with your lawyers before you publish it.

--text-file takes a text of your own instead: blocks parted by empty lines, a title (# ...),
list items (- ...) and paragraphs, with {partner}, {microsoft} (address of Microsoft's privacy
policies), {privacy} and {optout}. A block with {privacy} or {optout} goes when that flag is not
given; a block that begins with ! is there only when --opt-out is not given.`,
		Example: `  pidledger notice --partner Contoso --for template --privacy https://contoso.example/privacy \
    --opt-out 'Set the parameter enablePartnerTracking to false.' > NOTICE.md
  pidledger notice --partner Contoso --for api --format html --lang de
  pidledger notice --partner Contoso --text-file our-notice.txt`,
		Args:        cli.NoArgs,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage)},
		RunE:        func(*cobra.Command, []string) error { return runNotice(p, &o) },
	}
	cmd.Flags().StringVar(&o.Partner, "partner", "", "`name` of the partner, as customers know it (needed)")
	o.subject.Add(cmd, "how the software gets into Azure (needed without --text-file)")
	o.language.Add(cmd, "language of the notice (default en)")
	cmd.Flags().StringVar(&o.textFile, "text-file", "", "`file` with a text of your own, UTF-8")
	if err := cmd.MarkFlagFilename("text-file"); err != nil {
		cmd.PrintErrln(err)
	}
	o.format.Add(cmd, "form of the notice (default markdown)")
	cmd.Flags().StringVar(&o.Privacy, "privacy", "", "`address` of the partner's own privacy policy (https://...)")
	cmd.Flags().StringVar(&o.OptOut, "opt-out", "", "`text` that says how to opt out; without it: by asking the partner")
	return cmd
}

func runNotice(p *cli.Program, o *noticeOptions) error {
	const usage = "pidledger notice --partner Contoso --for template"
	format := notice.Formats[0]
	switch {
	case len(o.format.Chosen) > 1:
		return exit.Usagef(usage, "--format is one of %s", strings.Join(notice.Formats, ", "))
	case len(o.format.Chosen) == 1:
		format = o.format.Chosen[0]
	}
	for _, v := range []*string{&o.Partner, &o.OptOut, &o.Privacy} {
		*v = strings.TrimSpace(*v)
		if strings.ContainsFunc(*v, unicode.IsControl) {
			return exit.Usagef(usage, "%q has line breaks or other control characters", *v)
		}
	}
	if err := o.choose(); err != nil {
		return err
	}
	if u, err := url.Parse(o.Privacy); o.Privacy != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "") {
		return exit.Usagef("--privacy https://contoso.example/privacy", "--privacy: %q is not a web address", o.Privacy)
	}
	text, err := o.Write(format)
	if errors.Is(err, notice.ErrPlaceholder) {
		return exit.Usagef("correct the text", "%s: %v", o.textFile, err)
	}
	if err != nil {
		return err
	}
	if o.OptOut == "" && o.textFile == "" {
		p.Note("the notice tells customers to ask you; --opt-out says how to opt out")
	}
	_, err = io.WriteString(p.Out, text)
	return err
}

// choose finds the text: that of a subject and a language, or one of the partner's own.
func (o *noticeOptions) choose() error {
	const usage = "pidledger notice --partner Contoso --for template"
	if o.textFile == "" {
		if o.Partner == "" || len(o.subject.Chosen) != 1 || len(o.language.Chosen) > 1 {
			return exit.Usagef(usage, "--partner and one --for are needed, and one --lang at most")
		}
		o.Subject, o.Language = o.subject.Chosen[0], "en"
		if len(o.language.Chosen) == 1 {
			o.Language = o.language.Chosen[0]
		}
		return nil
	}
	if o.Partner == "" || len(o.subject.Chosen)+len(o.language.Chosen) > 0 {
		return exit.Usagef("pidledger notice --partner Contoso --text-file our-notice.txt", "--text-file needs --partner, and neither --for nor --lang")
	}
	text, err := disk.ReadText(o.textFile)
	switch {
	case err != nil:
		return exit.Usagef("correct the path", "--text-file: %v", err)
	case !utf8.Valid(text) || len(bytes.TrimSpace(text)) == 0:
		return exit.Usagef("save it as UTF-8", "--text-file: %s is empty or no UTF-8", o.textFile)
	}
	o.Text = string(text)
	return nil
}
