package tell

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/report/human"
)

// Reached is a way to tell people.
type Reached struct {
	Setting string // that it is configured by
	Host    string
	Err     error // why it could not be used; nil: it could
}

// Reach finds out whether people could be told. Nothing is sent: the host of the webhook is asked for the headers of its first page, through TLS and the
// proxy that a message would take, and the mail server lets us in and out again.
func (t Teller) Reach(ctx context.Context) (found []Reached) {
	ctx, done := context.WithTimeout(ctx, limit)
	defer done()
	address, err := config.Secret(config.WebhookVariable, t.Config.Notify.WebhookFile, t.Getenv)
	if err == nil && address != "" {
		r := Reached{Setting: "notify.webhook_file"}
		if t.Config.Notify.WebhookFile == "" || t.Getenv(config.WebhookVariable) != "" {
			r.Setting = config.WebhookVariable
		}
		r.Host, r.Err = t.reachWebhook(ctx, address)
		found = append(found, r)
	}
	if smtp := t.Config.Notify.SMTP; smtp != "" {
		found = append(found, Reached{Setting: "notify.smtp", Host: smtp, Err: t.reachMail(ctx)})
	}
	return found
}

func (t Teller) reachWebhook(ctx context.Context, address string) (host string, err error) {
	to, err := webhookOf(address)
	if err != nil {
		return "", err
	}
	first := url.URL{Scheme: to.Scheme, Host: to.Host, Path: "/"} // its path is the secret
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, first.String(), nil)
	if err != nil {
		return "", errors.New("its address cannot be used")
	}
	answer, err := t.client().HTTPClient.Do(request) // once
	if err != nil {
		return to.Hostname(), noAnswer(to.Hostname(), err)
	}
	return to.Hostname(), answer.Body.Close()
}

func (t Teller) reachMail(ctx context.Context) error {
	server, err := t.server()
	if err != nil {
		return err
	}
	if err := server.DialWithContext(ctx); err != nil {
		return fmt.Errorf("%s does not let it in: %s", t.Config.Notify.SMTP, strings.TrimSpace(human.Clean(err.Error())))
	}
	return server.Close()
}
