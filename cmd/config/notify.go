package config

import (
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/pidledger/pidledger/cmd/disk"
	"github.com/pidledger/pidledger/cmd/exit"
)

// How a night can end, for notify.on.
const (
	OnSuccess = "success"
	OnWarning = "warning"
	OnFailure = "failure"
)

// The forms of what a webhook is sent.
const (
	WebhookJSON  = "json"
	WebhookTeams = "teams"
	WebhookSlack = "slack"
)

var (
	outcomes       = []string{OnSuccess, OnWarning, OnFailure}
	webhookFormats = []string{WebhookJSON, WebhookTeams, WebhookSlack}
)

// Variables of the environment with secrets. They are no settings, because those are shown.
const (
	WebhookVariable  = "PIDLEDGER_WEBHOOK"
	PasswordVariable = "PIDLEDGER_SMTP_PASSWORD"
)

// Notify says whom the end of a night is told, and how.
type Notify struct {
	On            []string // of outcomes
	WebhookFile   string   // holds the URL of the webhook, which is a secret; empty: WebhookVariable, else there is none
	WebhookFormat string   // of webhookFormats
	Page          string   // URL of the page of reports; empty: there is no link
	SMTP          string   // HOST:PORT; empty: no mail is sent
	User          string   // empty: the server is not asked who may send
	PasswordFile  string   // empty: PasswordVariable
	From          string
	To            []string
}

// Metrics says where metrics for a monitoring system go.
type Metrics struct {
	File  string // empty: none are written
	Money bool   // with amounts by offer and channel
}

// Secret reads a secret from the environment, else from a file; empty: there is none.
func Secret(variable, file string, getenv func(string) string) (string, error) {
	if v := getenv(variable); v != "" || file == "" {
		return strings.TrimSpace(v), nil
	}
	data, err := os.ReadFile(file)
	return strings.TrimSpace(string(data)), err
}

func checkMail(text string) (string, error) {
	if _, err := mail.ParseAddress(text); err != nil && text != "" {
		return "", fmt.Errorf("%q is not a mail address", text)
	}
	return text, nil
}

func checkHostPort(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	host, port, err := net.SplitHostPort(text)
	if number, odd := strconv.ParseUint(port, 10, 16); err != nil || host == "" || odd != nil || number == 0 {
		return "", fmt.Errorf("%q is not a server and its port, such as smtp.example.com:587", text)
	}
	return text, nil
}

func checkPage(text string) (string, error) {
	if u, err := url.Parse(text); text != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		return "", fmt.Errorf("%q is not the address of a page, such as https://reports.example.com/report.html", text)
	}
	return text, nil
}

// checkNotify refuses mail without addresses, and metrics where a run would sweep them away.
func (c *Config) checkNotify() error {
	if n := c.Notify; n.SMTP != "" && (n.From == "" || len(n.To) == 0) {
		return exit.Usagef("name the addresses, or leave notify.smtp out", "notify.smtp is set, but notify.mail_from or notify.mail_to is not")
	}
	for _, dir := range []string{c.Ledger, c.Report.Dir} {
		if c.Metrics.File != "" && disk.Within(c.Metrics.File, dir) {
			return exit.Usagef("put the metrics into a folder of their own", "metrics.file %s lies in %s, which is for pidledger's own files only", c.Metrics.File, dir)
		}
	}
	return nil
}
