package tell

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/report/changes"
	"github.com/pidledger/pidledger/report/summary"
)

var began = time.Date(2026, 5, 1, 2, 0, 0, 0, time.UTC)

func night(err error) Night {
	n := Night{Command: "run", Version: "1", Host: "night", Began: began, Ended: began.Add(90 * time.Second), Err: err}
	n.Summary = &summary.Summary{
		RunID: "20260501T020000Z", DataThrough: "2026-04-30", LatestMonth: "2026-04", Inputs: &summary.Inputs{Rows: 120, Rejected: 3},
		Short: []summary.Short{{Currency: "EUR", Month: "2026-04", Share: "0.385", Sentences: []string{"github leads with 85.1 % of attributed usage in 2026-04."}}},
	}
	for i := range 7 {
		n.Summary.Changes = append(n.Summary.Changes, changes.Change{What: fmt.Sprintf("[customer %d](https://evil.example) *left* <!channel>", i)})
	}
	return n
}

// hook is a webhook that answers with codes in turn, the last again and again.
func hook(t *testing.T, codes ...int) (url string, bodies *[]string) {
	t.Helper()
	bodies = new([]string)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %v %v", r.Method, r.Header, err)
		}
		code := codes[min(len(*bodies), len(codes)-1)]
		*bodies = append(*bodies, string(body))
		w.Header().Set("Location", "http://127.0.0.1:1/elsewhere")
		w.WriteHeader(code)
	}))
	t.Cleanup(s.Close)
	return s.URL + "/services/T0/SECRET", bodies
}

func teller(t *testing.T, url string) Teller {
	t.Helper()
	file := filepath.Join(t.TempDir(), "hook")
	if err := os.WriteFile(file, []byte(url+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return Teller{
		Config: config.Config{Notify: config.Notify{On: []string{config.OnSuccess, config.OnWarning, config.OnFailure}, WebhookFile: file, WebhookFormat: config.WebhookJSON, Page: "https://reports.example.com/"}},
		Getenv: func(string) string { return "" }, Wait: time.Millisecond,
	}
}

// What may pass is tried again, and no error holds the address.
func TestWebhook(t *testing.T) {
	for name, c := range map[string]struct {
		codes []int
		calls int
		want  string
	}{
		"good":     {[]int{200}, 1, ""},
		"busy":     {[]int{503, 429, 202}, 3, ""},
		"down":     {[]int{500}, 3, "tell the webhook: 127.0.0.1 answered 500 Internal Server Error"},
		"refused":  {[]int{404}, 1, "tell the webhook: 127.0.0.1 answered 404 Not Found"},
		"redirect": {[]int{307}, 1, "tell the webhook: 127.0.0.1 answered 307 Temporary Redirect"},
	} {
		url, bodies := hook(t, c.codes...)
		got := errors.Join(teller(t, url).Tell(t.Context(), night(nil))...)
		if text := fmt.Sprint(got); len(*bodies) != c.calls || got == nil && c.want != "" || got != nil && text != c.want {
			t.Errorf("%s: %d calls, %v", name, len(*bodies), got)
		}
	}
	for url, want := range map[string]string{
		"http://127.0.0.1:1/SECRET":       "127.0.0.1 was not reached: dial tcp 127.0.0.1:1",
		"http://hooks.example.com/SECRET": "hooks.example.com has to be reached by https",
		"SECRET":                          "is not an address",
	} {
		if got := fmt.Sprint(teller(t, url).Tell(t.Context(), night(nil))); !strings.Contains(got, want) || strings.Contains(got, "SECRET") {
			t.Errorf("%s: %s", url, got)
		}
	}
}

// Whether people can be told is found out without a message and without the secret part of an address.
func TestReach(t *testing.T) {
	asked := make(chan string, 9)
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.URL.Path
		w.WriteHeader(http.StatusNotFound)
	}))
	defer hook.Close()
	to := &letters{}
	address, closeServer := mailServer(t, to)
	w := teller(t, hook.URL+"/services/SECRET")
	w.Config.Notify.SMTP = address
	for i, r := range w.Reach(t.Context()) {
		if want := []string{"127.0.0.1", w.Config.Notify.SMTP}[i]; r.Err != nil || r.Host != want {
			t.Errorf("%+v", r)
		}
	}
	closeServer()
	if got := <-asked; got != "HEAD /" || len(asked) > 0 || len(to.got) > 0 {
		t.Errorf("the webhook got %s, %d more; %d mails", got, len(asked), len(to.got))
	}
	w = teller(t, "https://127.0.0.1:1/SECRET")
	w.Config.Notify.SMTP = address
	for i, r := range w.Reach(t.Context()) {
		if want := []string{"127.0.0.1 was not reached: dial tcp 127.0.0.1:1", w.Config.Notify.SMTP + " does not let it in: "}[i]; r.Err == nil || !strings.HasPrefix(r.Err.Error(), want) || strings.Contains(r.Err.Error(), "SECRET") {
			t.Errorf("%v", r.Err)
		}
	}
}

// Collecting is told when it lacks something, and is no metric.
func TestTellCollect(t *testing.T) {
	url, bodies := hook(t, 200)
	w := teller(t, url)
	w.Config.Metrics.File = filepath.Join(t.TempDir(), "pidledger.prom")
	n := night(nil)
	n.Command, n.Collect, n.Summary = "collect", true, nil
	for _, err := range []error{nil, &exit.PartialError{Msg: "2 subscriptions were not read"}} {
		n.Err = err
		if err := errors.Join(w.Tell(t.Context(), n)...); err != nil {
			t.Error(err)
		}
	}
	if len(*bodies) != 1 || !strings.Contains((*bodies)[0], `"result":"warning"`) || !strings.Contains((*bodies)[0], "What pidledger collect wrote on night says more.") {
		t.Errorf("%q", *bodies)
	}
	if _, err := os.Stat(w.Config.Metrics.File); err == nil {
		t.Error("it wrote metrics")
	}
}

func TestNoAnswer(t *testing.T) {
	err := noAnswer("hooks.example.com", &url.Error{Op: "Post", URL: "https://hooks.example.com/SECRET", Err: os.ErrDeadlineExceeded})
	if want := "hooks.example.com did not answer within 10 s"; err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// Each form is JSON of its kind, bounded, and shows names without interpreting them. A night that was cancelled is told, too.
func TestBodies(t *testing.T) {
	url, bodies := hook(t, 200)
	w := teller(t, url)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, format := range []string{config.WebhookJSON, config.WebhookTeams, config.WebhookSlack} {
		w.Config.Notify.WebhookFormat = format
		if err := errors.Join(w.Tell(ctx, night(&exit.PartialError{Msg: "exports/Northwind/a.csv"}))...); err != nil {
			t.Fatal(err)
		}
		body := (*bodies)[len(*bodies)-1]
		var any map[string]any
		if err := json.Unmarshal([]byte(body), &any); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"pidledger run on night: done, but some input was rejected", "github leads with 85.1 %", "3 of 120 rows were rejected.", "customer 4]", "https://reports.example.com/"} {
			if !strings.Contains(body, want) {
				t.Errorf("%s lacks %q: %s", format, want, body)
			}
		}
		if strings.Contains(body, "customer 5") || strings.Contains(body, "Northwind") || strings.Contains(body, "mrkdwn\":true") || strings.Contains(body, `"type":"mrkdwn"`) || strings.Contains(body, "TextBlock\"") && !strings.Contains(body, "RichTextBlock") {
			t.Errorf("%s says too much: %s", format, body)
		}
	}
	var m Message
	if err := json.Unmarshal([]byte((*bodies)[0]), &m); err != nil || m.Result != config.OnWarning || m.ExitCode != exit.Partial || m.MoreChanges != 2 || m.Seconds != 90 {
		t.Errorf("%+v, %v", m, err)
	}
}

// Who is told depends on how the night ended.
func TestResults(t *testing.T) {
	url, bodies := hook(t, 200)
	w := teller(t, url)
	w.Config.Notify.On = []string{config.OnFailure}
	unfinished := night(fmt.Errorf("write: %w", syscall.ENOSPC))
	unfinished.Summary = nil
	for i, c := range []struct {
		n    Night
		told int
	}{{night(nil), 0}, {night(&exit.PartialError{}), 0}, {unfinished, 1}} {
		if err := errors.Join(w.Tell(t.Context(), c.n)...); err != nil || len(*bodies) != c.told {
			t.Errorf("%d: %d, %v", i, len(*bodies), err)
		}
	}
	if body := (*bodies)[0]; !strings.Contains(body, `"headline":["A disk is full.","pidledger status and its log on night say more."]`) {
		t.Error(body)
	}
}

// mailServer starts a server that takes mails; closing it waits until it has ended.
func mailServer(t *testing.T, to *letters) (address string, closeServer func()) {
	t.Helper()
	server := smtp.NewServer(to)
	server.Domain = "localhost"
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	return listener.Addr().String(), func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		<-ended
	}
}

// letters is a mail server that refuses some recipients for a while or for good.
type letters struct {
	refuse []int // codes, in turn
	got    []string
}

func (l *letters) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{l}, nil }

type session struct{ l *letters }

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }
func (s *session) Rcpt(string, *smtp.RcptOptions) error {
	if len(s.l.refuse) > 0 {
		code := s.l.refuse[0]
		s.l.refuse = s.l.refuse[1:]
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 7, 1}, Message: "no"}
	}
	return nil
}
func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	s.l.got = append(s.l.got, string(text))
	return err
}
func (*session) Reset()        {}
func (*session) Logout() error { return nil }

func TestMail(t *testing.T) {
	for name, c := range map[string]struct {
		refuse []int
		sent   int
	}{"good": {nil, 1}, "later": {[]int{451}, 1}, "never": {[]int{550}, 0}} {
		to := &letters{refuse: c.refuse}
		address, closeServer := mailServer(t, to)
		w := teller(t, "")
		w.Config.Notify.SMTP, w.Config.Notify.From, w.Config.Notify.To = address, "night@example.com", []string{"a@example.com"}
		err := errors.Join(w.Tell(t.Context(), night(nil))...)
		closeServer()
		if (err == nil) != (c.sent == 1) || len(to.got) != c.sent {
			t.Fatalf("%s: %d mails, %v", name, len(to.got), err)
		}
		if c.sent == 1 && !(strings.Contains(to.got[0], "Subject: pidledger run on night: done\r\n") && strings.Contains(to.got[0], "github leads") && strings.Contains(to.got[0], "Worth a look:")) {
			t.Errorf("%s: %s", name, to.got[0])
		}
	}
}

// A folder that is missing is what a note names, not the file that was to become the metrics.
func TestNoFolderForMetrics(t *testing.T) {
	w := teller(t, "")
	w.Config.Metrics.File = filepath.Join(t.TempDir(), "none", "pidledger.prom")
	want := "write the metrics " + w.Config.Metrics.File + ": its folder is missing: make it, or correct metrics.file"
	if err := errors.Join(w.Tell(t.Context(), night(nil))...); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// A slip in the settings costs no registry.
func TestMetricsOverSomethingElse(t *testing.T) {
	w := teller(t, "")
	w.Config.Metrics.File = filepath.Join(t.TempDir(), "registry.csv")
	if err := os.WriteFile(w.Config.Metrics.File, []byte("tracking_id,mpn_id\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Tell(t.Context(), night(nil))...); err == nil || !strings.Contains(err.Error(), "registry.csv: it holds something else and stays as it is") {
		t.Errorf("%v", err)
	}
	if text, err := os.ReadFile(w.Config.Metrics.File); err != nil || string(text) != "tracking_id,mpn_id\n" {
		t.Errorf("it holds %q: %v", text, err)
	}
}

// What the last good run found stays when one fails, and labels are quoted.
func TestMetrics(t *testing.T) {
	w := teller(t, "")
	w.Config.Metrics.File = filepath.Join(t.TempDir(), "pidledger.prom")
	write := func(n Night) string {
		t.Helper()
		if err := errors.Join(w.Tell(t.Context(), n)...); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(w.Config.Metrics.File)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	odd := night(nil)
	odd.Summary.Short[0].Currency = "E\"U\\R\n"
	good := write(odd)
	reported := odd
	only := *odd.Summary
	only.Inputs, reported.Summary = nil, &only
	again := write(reported)
	beside := odd
	beside.Err, beside.Summary = fmt.Errorf("run: %w", ledger.ErrInUse), nil
	if text := write(beside); text != again {
		t.Errorf("a call that found the ledger in use wrote\n%s", text)
	}
	w.Config.Metrics.Money = true
	costly := night(nil)
	costly.Summary.Reports, costly.Ended = &summary.Folder{}, odd.Ended.Add(time.Hour)
	if err := errors.Join(w.Tell(t.Context(), costly)...); err == nil {
		t.Error("money of reports that are not there is no error")
	}
	if text, err := os.ReadFile(w.Config.Metrics.File); err != nil || !strings.Contains(string(text), "pidledger_last_success_timestamp_seconds 1777604490\n") {
		t.Errorf("without the money of a run the file holds\n%s%v", text, err)
	}
	w.Config.Metrics.Money = false
	again = write(reported)
	failed := odd
	failed.Err, failed.Summary, failed.Ended = errors.New("no"), nil, odd.Ended.Add(24*time.Hour)
	bad := write(failed)
	for text, wants := range map[string][]string{
		good:  {"# TYPE pidledger_run_exit_code gauge\npidledger_run_exit_code 0\n", `pidledger_attributed_share{currency="E\"U\\R\n",month="2026-04"} 0.385` + "\n", "pidledger_rows_rejected 3\n"},
		again: {"# TYPE pidledger_rows_read gauge\npidledger_rows_read 120\n", "pidledger_run_exit_code 0\n"},
		bad:   {"pidledger_run_exit_code 1\n", "pidledger_run_timestamp_seconds 1777687290\n", "pidledger_last_success_timestamp_seconds 1777600890\n", "# TYPE pidledger_rows_read gauge\npidledger_rows_read 120\n"},
	} {
		for _, want := range wants {
			if strings.Count(text, want) != 1 {
				t.Errorf("no %q in\n%s", want, text)
			}
		}
	}
	if info, err := os.Stat(w.Config.Metrics.File); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}
