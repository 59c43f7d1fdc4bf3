package mcp

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/ledger"
	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/cmd/published"
	"github.com/pidledger/pidledger/ingest/status"
	"github.com/pidledger/pidledger/report/explain"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
)

// answer is what a tool has to say: the form for programs, that of the command's --json, and the one for people.
type answer struct {
	structured any
	text       string
}

// failure is the structured content of a call that failed, as commands with --json write it.
type failure struct {
	Error    string `json:"error"`
	Try      string `json:"try"`
	ExitCode int    `json:"exit_code"`       // of the command
	Found    any    `json:"found,omitempty"` // what is known all the same: of explain the candidates, of verify why there is nothing
}

type explainInput struct {
	ID  string `json:"id" jsonschema:"resource (id or name), tracking id, malformed token, deployment, correlation id, customer (tenant id or name), subscription or resource group"`
	Day string `json:"day,omitempty" jsonschema:"of a resource: what it is on this date (YYYY-MM-DD), with its usage rows"`
}

type compareInput struct {
	What     string   `json:"what" jsonschema:"what stands side by side"`
	Names    []string `json:"names,omitempty" jsonschema:"only these channels, offers, MPN IDs or months; left out: all"`
	Month    string   `json:"month,omitempty" jsonschema:"the month that is looked at, YYYY-MM; left out: the latest complete one"`
	Against  string   `json:"against,omitempty" jsonschema:"compare with this month instead of the month before"`
	Offer    string   `json:"offer,omitempty" jsonschema:"only this offer"`
	Channel  string   `json:"channel,omitempty" jsonschema:"only this channel"`
	MPN      string   `json:"mpn,omitempty" jsonschema:"only this MPN ID"`
	Currency string   `json:"currency,omitempty" jsonschema:"only this billing currency"`
	PerOffer bool     `json:"per_offer,omitempty" jsonschema:"tell offers apart"`
}

type verifyInput struct {
	ID            string `json:"id" jsonschema:"a tracking id in any spelling, or the name of an offer"`
	ResourceGroup string `json:"resource_group,omitempty" jsonschema:"only requests with a deployment or call in the resource group of this name"`
	Subscription  string `json:"subscription,omitempty" jsonschema:"only requests with a deployment or call in the subscription of this id"`
}

type statusInput struct{}

func (s *server) addTools(to *sdk.Server) {
	addTool(s, to, "query", "Ask in SQL", "Runs one SELECT, in DuckDB's SQL, on the published snapshot: the reports (summary, daily, channels, customers, coverage, ...), attributed_usage row by row, "+
		"and the evidence behind them; or a named query. show tables lists the tables, describe TABLE its columns; the resources pidledger://tables/TABLE say what they mean. "+
		"It reads nothing else: no file, no network. Add up in SQL, for each currency by itself: sum() of an amount is exact, / and avg() are not, try_divide(a, b) is.",
		schemaOf[queryInput](func(p map[string]*jsonschema.Schema) {
			// No Default: the SDK puts it into the arguments, and panics when they are null.
			p["limit"].Minimum, p["limit"].Maximum = new(1.0), new(float64(mostRows))
			p["limit"].Description = fmt.Sprintf("how many rows come back at most, %d if left out; the answer says how many more there are", usualRows)
		}), outputOf[rows](&jsonschema.Schema{Type: "object"}), s.query)
	addTool(s, to, "explain", "Explain whose something is", "Tells whose a resource, tracking id, deployment, request, customer, subscription or resource group is and why, link by link with file and record, "+
		"what it costs, and what is missing. When several things are meant, or nothing is known, it fails and lists what is near.", schemaOf[explainInput](nil), outputOf[explain.Answer](nil), s.explain)
	addTool(s, to, "compare", "Compare side by side", "Channels, offers, MPN IDs or months side by side, each currency by itself: cost, share, growth and its parts (customers who are new, lost, grown, shrunk), customers, retention, "+
		"deployments. This answers which channel or offer leads, and what changed since the month before.",
		schemaOf[compareInput](func(p map[string]*jsonschema.Schema) {
			p["what"].Enum = nil
			for _, d := range published.Dimensions() {
				p["what"].Enum = append(p["what"].Enum, d)
			}
			p["names"].Types, p["names"].Type = nil, "array"
		}), outputOf[comparison](compared()), s.compare)
	addTool(s, to, "verify", "List what a tracking id deployed", "Lists the deployments and calls that carried a tracking id, in every spelling and scope, the resources that they created or updated, and the money that the id owns. "+
		"It fails when nothing carried it, and says whether it was never seen, seen only malformed, or only elsewhere.", schemaOf[verifyInput](nil), outputOf[explain.Verification](nil), s.verify)
	addTool(s, to, "status", "Tell how fresh the data is", "Tells when the last run was and how it ended, through which day there is usage, how fresh each export and each kind of evidence is, and which days and months are missing.",
		schemaOf[statusInput](nil), outputOf[status.Status](nil), s.status)
}

// schemaOf is the schema of an input; change, if not nil, gets its properties.
func schemaOf[In any](change func(map[string]*jsonschema.Schema)) *jsonschema.Schema {
	schema := must(jsonschema.For[In](nil))
	if change != nil {
		change(schema.Properties)
	}
	return schema
}

// addTool adds a tool that is called in its turn, as the command of its name.
func addTool[In any](s *server, to *sdk.Server, name, title, description string, input, output *jsonschema.Schema, ask func(context.Context, In) (*answer, error)) {
	tool := &sdk.Tool{
		Name: name, Title: title, Description: description, InputSchema: input, OutputSchema: output,
		Annotations: &sdk.ToolAnnotations{ReadOnlyHint: true, IdempotentHint: true, OpenWorldHint: new(false)},
	}
	sdk.AddTool(to, tool, func(ctx context.Context, _ *sdk.CallToolRequest, in In) (*sdk.CallToolResult, any, error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(s.ctx, cancel)()
		begin := time.Now()
		a, err := s.inTurn(ctx, func() (*answer, error) { return ask(ctx, in) })
		if err == nil {
			s.log.Info("answered", "tool", name, "took", time.Since(begin).Round(time.Millisecond))
			return &sdk.CallToolResult{Content: texts(a.text)}, a.structured, nil
		}
		f := failure{Error: exit.Message(err), Try: s.p.Suggest(exit.WayOut(err, human.Program+" "+name)), ExitCode: exit.CodeOf(err), Found: found(err)}
		reason, _, _ := strings.Cut(f.Error, "\n") // below it stand ids that may be meant
		s.log.Error("failed", "tool", name, "took", time.Since(begin).Round(time.Millisecond), "error", reason)
		return &sdk.CallToolResult{Content: texts(f.Error + "\nTry: " + f.Try), IsError: true}, f, nil
	})
}

// inTurn waits until no other call is answered.
func (s *server) inTurn(ctx context.Context, ask func() (*answer, error)) (*answer, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
		return ask()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// call is what the work needs besides the question.
func (s *server) call() (night.Options, func()) { return s.p.Call(s.config) }

// found is what an error knows of what was asked; nil: nothing.
func found(err error) any {
	var none *explain.VerifyError
	if errors.As(err, &none) {
		return none.Of
	}
	if open := explain.Unanswered(err); open != nil {
		return open
	}
	return nil
}

// said puts an answer together from its form for programs and what writes the one for people.
func said(structured any, write func(io.Writer) error) (*answer, error) {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return nil, err
	}
	return &answer{structured, b.String()}, nil
}

func (s *server) explain(ctx context.Context, in explainInput) (*answer, error) {
	if err := cmp.Or(needed("id", in.ID), published.CheckDay(in.Day)); err != nil {
		return nil, err
	}
	call, done := s.call()
	defer done()
	a, err := s.app.Explain(ctx, call, explain.Question{Text: in.ID, Day: in.Day})
	if err != nil {
		return nil, err
	}
	return said(a, func(w io.Writer) error { return a.WriteText(w, explain.View{Width: human.Width}) })
}

func (s *server) verify(ctx context.Context, in verifyInput) (*answer, error) {
	if err := cmp.Or(needed("id", in.ID), published.CheckSubscription(in.Subscription)); err != nil {
		return nil, err
	}
	call, done := s.call()
	defer done()
	v, err := s.app.Verify(ctx, call, explain.Check{TrackingID: in.ID, ResourceGroup: in.ResourceGroup, Subscription: in.Subscription})
	if err != nil {
		return nil, err
	}
	return said(v, func(w io.Writer) error { return v.WriteText(w, explain.View{Width: human.Width}) })
}

// needed refuses a text that is empty.
func needed(name, text string) error {
	if text == "" {
		return exit.Usagef("give it a value", "%s is empty", name)
	}
	return nil
}

func (s *server) compare(ctx context.Context, in compareInput) (*answer, error) {
	compared, err := published.Compare(ctx, s.config, published.Selection{
		What: in.What, Names: in.Names, Month: in.Month, Against: in.Against, Offer: in.Offer, Channel: in.Channel, MPN: in.MPN, Currency: in.Currency, PerOffer: in.PerOffer,
	})
	if err != nil {
		return nil, err
	}
	var rows bytes.Buffer
	if err := compared.Write(spec.JSON, &rows); err != nil {
		return nil, err
	}
	structured := comparison{compared.Title, append([]string{}, compared.Notes...), rows.Bytes()}
	return said(structured, func(w io.Writer) error { return compared.WriteText(w, human.Width, false) })
}

func (s *server) status(ctx context.Context, _ statusInput) (*answer, error) {
	if err := s.config.CheckLedger(); err != nil {
		return nil, err
	}
	call, done := s.call()
	defer done()
	st, err := s.app.Status(ctx, call)
	if err != nil {
		return nil, err
	}
	return said(st, func(w io.Writer) error { return ledger.WriteStatus(w, false, st) })
}

func texts(text string) []sdk.Content { return []sdk.Content{&sdk.TextContent{Text: text}} }

// hintArguments adds the way out to what the SDK says of arguments that are not as the schema has them.
func hintArguments(next sdk.MethodHandler) sdk.MethodHandler {
	return func(ctx context.Context, method string, req sdk.Request) (sdk.Result, error) {
		result, err := next(ctx, method, req)
		if r, ok := result.(*sdk.CallToolResult); ok && err == nil && r.IsError && r.StructuredContent == nil {
			r.Content = append(r.Content, texts("Try: the arguments that the tool's input schema names")...)
		}
		return result, err
	}
}
