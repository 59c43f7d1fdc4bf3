package tell

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/report/human"
)

const (
	tries      = 3
	tryTimeout = 10 * time.Second
	longest    = 10 * time.Second // that a busy server may make us wait
)

// webhook sends a message to the webhook, if there is one.
func (t Teller) webhook(ctx context.Context, m Message) error {
	address, err := config.Secret(config.WebhookVariable, t.Config.Notify.WebhookFile, t.Getenv)
	if err != nil || address == "" {
		return err
	}
	to, err := webhookOf(address)
	if err != nil {
		return err
	}
	body, err := json.Marshal(bodies[t.Config.Notify.WebhookFormat](m))
	if err != nil {
		return err
	}
	request, err := retryablehttp.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return errors.New("its address cannot be used")
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "pidledger/"+m.Version)
	answer, err := t.client().Do(request)
	if err != nil {
		return noAnswer(to.Hostname(), err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<16)); err != nil {
		return fmt.Errorf("%s broke off its answer", to.Hostname())
	}
	if answer.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s answered %s", to.Hostname(), answer.Status)
	}
	return nil
}

// client makes requests to a webhook, each a few times. It follows nobody elsewhere: a message is for the host that is named.
func (t Teller) client() *retryablehttp.Client {
	client := retryablehttp.NewClient()
	client.Logger, client.RetryMax, client.RetryWaitMin, client.RetryWaitMax = nil, tries-1, t.Wait, longest
	client.ErrorHandler = retryablehttp.PassthroughErrorHandler
	client.Backoff = func(low, high time.Duration, attempt int, r *http.Response) time.Duration {
		return min(retryablehttp.DefaultBackoff(low, high, attempt, r), high) // also what the server asks for
	}
	client.HTTPClient.Timeout = tryTimeout
	client.HTTPClient.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client
}

// webhookOf reads the address of a webhook, which is a secret.
func webhookOf(address string) (*url.URL, error) {
	to, err := url.Parse(address)
	if err != nil || to.Host == "" {
		return nil, errors.New("what notify.webhook_file or " + config.WebhookVariable + " holds is not an address")
	}
	if to.Scheme != "https" && !isHere(to.Hostname()) {
		return nil, fmt.Errorf("%s has to be reached by https", to.Hostname())
	}
	return to, nil
}

// noAnswer says why a host gave none, without the address that was asked.
func noAnswer(host string, err error) error {
	var lost *url.Error
	if errors.As(err, &lost) {
		err = lost.Err
	}
	var late net.Error
	if errors.As(err, &late) && late.Timeout() {
		return fmt.Errorf("%s did not answer within %s", host, human.Duration(tryTimeout))
	}
	return fmt.Errorf("%s was not reached: %w", host, err)
}

// isHere tells whether a host is this machine, which needs no TLS.
func isHere(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

type object map[string]any

// bodies make what a webhook is sent. Names in it come from exports: no form interprets them as markup.
var bodies = map[string]func(Message) any{
	config.WebhookJSON:  func(m Message) any { return m },
	config.WebhookTeams: teams,
	config.WebhookSlack: slack,
}

// teams is a message with an Adaptive Card, as the workflows of Teams take it.
func teams(m Message) any {
	colors := map[string]string{config.OnSuccess: "Good", config.OnWarning: "Warning", config.OnFailure: "Attention"}
	run := func(text string, more object) object {
		run := object{"type": "TextRun", "text": text}
		for k, v := range more {
			run[k] = v
		}
		return object{"type": "RichTextBlock", "inlines": []any{run}}
	}
	body := []any{run(m.Title, object{"weight": "Bolder", "size": "Large", "color": colors[m.Result]})}
	for _, line := range m.lines() {
		if line != "" {
			body = append(body, run(line, nil))
		}
	}
	card := object{"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4", "body": body, "msteams": object{"width": "Full"}}
	if m.Page != "" {
		card["actions"] = []any{object{"type": "Action.OpenUrl", "title": "Open the page", "url": m.Page}}
	}
	return object{"type": "message", "attachments": []any{object{"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": nil, "content": card}}}
}

// slack is a message of blocks. The title is what notifications show.
func slack(m Message) any {
	plain := func(text string, most int) object {
		if r := []rune(text); len(r) > most {
			text = string(r[:most-1]) + "…"
		}
		return object{"type": "plain_text", "text": text, "emoji": false}
	}
	blocks := []any{object{"type": "header", "text": plain(m.Title, 150)}}
	if text := m.text(); text != "" {
		blocks = append(blocks, object{"type": "section", "text": plain(text, 3000)})
	}
	if m.Page != "" {
		blocks = append(blocks, object{"type": "actions", "elements": []any{object{"type": "button", "text": plain("Open the page", 75), "url": m.Page}}})
	}
	return object{"text": m.Title, "mrkdwn": false, "blocks": blocks}
}
