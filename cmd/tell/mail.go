package tell

import (
	"context"
	"errors"
	"net"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/pidledger/pidledger/cmd/config"
)

// mail sends a message to the addresses of notify.mail_to. What the server may accept later is tried again.
func (t Teller) mail(ctx context.Context, m Message) error {
	n := t.Config.Notify
	letter := mail.NewMsg()
	if err := errors.Join(letter.From(n.From), letter.To(n.To...)); err != nil {
		return err
	}
	letter.Subject(m.Title)
	letter.SetDate()
	letter.SetMessageID()
	text := m.text() + "\n"
	if m.Page != "" {
		text += "\n" + m.Page + "\n"
	}
	letter.SetBodyString(mail.TypeTextPlain, text)
	server, err := t.server()
	if err != nil {
		return err
	}
	wait := t.Wait
	for try := 1; ; try++ {
		err := server.DialAndSendWithContext(ctx, letter)
		var refused *mail.SendError
		if err == nil || try == tries || ctx.Err() != nil || errors.As(err, &refused) && !refused.IsTemp() {
			return err
		}
		select {
		case <-time.After(wait):
			wait *= 2
		case <-ctx.Done():
			return err
		}
	}
}

// server prepares to reach the mail server: over TLS, unless it is on this machine.
func (t Teller) server() (*mail.Client, error) {
	n := t.Config.Notify
	host, port, err := net.SplitHostPort(n.SMTP)
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, err
	}
	options := []mail.Option{mail.WithPort(number), mail.WithTimeout(tryTimeout), mail.WithTLSPolicy(mail.TLSMandatory)}
	switch {
	case number == 465:
		options = append(options, mail.WithSSL())
	case isHere(host):
		options = append(options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	}
	if n.User != "" {
		password, err := config.Secret(config.PasswordVariable, n.PasswordFile, t.Getenv)
		if err != nil {
			return nil, err
		}
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(n.User), mail.WithPassword(password))
	}
	return mail.NewClient(host, options...)
}
