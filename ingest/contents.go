package ingest

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/export"
	"github.com/pidledger/pidledger/ingest/source"
	"github.com/pidledger/pidledger/ingest/usage"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
)

// peekRows is how many rows of a run are looked at to learn who bills them. It is the same whether a run is loaded or not, so that what
// replaces what does not depend on the order of deliveries.
const peekRows = 1000

// contentID names what is known of the rows of a run.
func contentID(r export.Run) string { return r.Key + "|" + r.Token }

// readContents reads what earlier runs learned from the rows of export runs. Of slices that an older pidledger loaded the rows are asked.
func (s *session) readContents(ctx context.Context, loaded []export.Run) error {
	s.contents = map[string]export.Content{}
	err := s.each(ctx, "select run_key, change_token, accounts, agreement, days from run_contents", func(v []engine.Value) {
		c := export.Content{Accounts: splitText(v[2].S, "|"), Agreement: v[3].S}
		if !v[4].Null {
			c.Days = parseSpans(v[4].S)
		}
		s.contents[v[0].S+"|"+v[1].S] = c
	})
	if err != nil {
		return err
	}
	s.contentsAsRead = len(s.contents)
	for _, r := range loaded {
		if s.contents[contentID(r)].Days == nil {
			if err := s.askSlice(ctx, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// askSlice learns from a loaded slice what its rows say.
func (s *session) askSlice(ctx context.Context, r export.Run) error {
	id := s.sliceID(r)
	n, err := s.DB.Count(ctx, "select usage_rows from slices where slice_id = ?", id)
	if err != nil {
		return err
	}
	c := export.Content{Days: []export.Span{}}
	if n > 0 {
		rows, _, err := s.rowsOf(ctx, "asked_slices", []string{id})
		if err != nil {
			return err
		}
		if err := s.DB.View(ctx, "asked_slice", rows); err != nil {
			return err
		}
		var days []int32
		err = s.each(ctx, "select distinct usage_date from asked_slice order by usage_date", func(v []engine.Value) {
			days = append(days, int32(v[0].I)) //nolint:gosec // a day
		})
		if err != nil {
			return err
		}
		c.Days = spansOf(days)
		if needsAccounts(r) {
			accounts, err := s.texts(ctx, queries.Text("ledger/asked_accounts.sql"))
			if err != nil {
				return err
			}
			kind, err := s.text(ctx, "select coalesce(min(source_kind), '') from asked_slice")
			if err != nil {
				return err
			}
			c.Accounts, c.Agreement = accountsOf(accounts), export.AgreementOf(kind)
		}
	}
	s.contents[contentID(r)] = c
	return nil
}

// needsAccounts tells whether the runs of an export can be billed to one account after the other: not when it is the export of an account.
func needsAccounts(r export.Run) bool { return azure.ScopeRank(r.Scope) < azure.RankBillingSide }

// peekAll looks who bills the rows of the listed runs among which one could replace another.
func (s *session) peekAll(ctx context.Context) error {
	inGroup := map[string]int{}
	for _, r := range s.runs {
		inGroup[r.Group]++
	}
	var todo []export.Run
	for _, r := range s.runs {
		if _, known := s.contents[contentID(r)]; !known && inGroup[r.Group] > 1 && needsAccounts(r) {
			todo = append(todo, r)
		}
	}
	return forEach(ctx, s.threads(), todo, func(r export.Run) error { return s.peekRun(ctx, r) })
}

// peekRun learns who bills the rows of a run.
func (s *session) peekRun(ctx context.Context, r export.Run) error {
	var c export.Content
	for _, b := range r.Blobs {
		if b.Size == 0 {
			continue
		}
		p, err := s.peek(ctx, s.byName[b.Path])
		if err != nil {
			return err
		}
		c.Accounts, c.Agreement = accountsOf(p.accounts), export.AgreementOf(p.kind)
		break
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c.Days = s.contents[contentID(r)].Days
	s.contents[contentID(r)] = c
	return nil
}

// peeked is what the first rows of a usage file say.
type peeked struct {
	kind                string
	accounts, customers []string // customers: subscriptions and tenants
}

// peek reads the first rows of a usage file. A file that cannot be read says nothing: whoever loads it will say why.
func (s *session) peek(ctx context.Context, f found) (p peeked, err error) {
	file, err := s.open(f)
	if err != nil {
		return p, nil // see above
	}
	defer file.Close()
	id, err := s.identify(ctx, file, f)
	if err != nil || id.format == nil || !id.format.Usage {
		return p, ctx.Err()
	}
	reader, err := usage.NewReader(id.usage, id.header, usage.Meta{})
	if err != nil {
		return p, nil // see above
	}
	w := &part{n: reader.NewNormaliser(), batch: columnar.NewBatch(usage.Columns)}
	rows := 0
	each := func(record, line int64, cells [][]byte) error {
		if rows++; rows > peekRows {
			return errStop
		}
		w.n.Row(w.batch, record, line, cells)
		return nil
	}
	size := min(source.HeadSize, blockSize(file))
	switch file.Kind {
	case source.KindJSON:
		j := source.NewJSON(file.Reader(), source.JSONOptions{BufferSize: size})
		for ; rows < peekRows; rows++ {
			v, err := j.Next()
			if err != nil {
				break
			}
			if doc, err := w.json.ParseBytes(v.Bytes); err == nil {
				w.n.JSON(w.batch, v.Record, v.Line, doc)
			}
		}
	case source.KindParquet:
		s.dbMu.Lock()
		err = parquetRows(ctx, s.DB, file.Path, len(id.header), func(record int64, cells [][]byte) error { return each(record, 0, cells) })
		s.dbMu.Unlock()
	default:
		var c *source.CSV
		if c, err = source.NewCSV(source.WithContext(ctx, file.Reader()), source.CSVOptions{SkipPreamble: usage.SkipPreamble(), BlockSize: size}); err != nil {
			break
		}
		for rows < peekRows {
			b, err := c.Next()
			if err != nil {
				break
			}
			err = b.Each(each)
			b.Release()
			if err != nil {
				break
			}
		}
	}
	if ctx.Err() != nil {
		return p, context.Cause(ctx)
	}
	return peeked{kind: id.usage.Kind, accounts: w.n.Accounts(), customers: slices.Concat(w.n.Subscriptions(), w.n.Tenants())}, nil
}

// isCustomerFolder tells whether the folder of a file is named by a subscription or tenant of its rows: then it is no run folder.
func (s *session) isCustomerFolder(ctx context.Context, folder string, f found) (bool, error) {
	name := strings.ToLower(path.Base(folder))
	if !azure.IsGUID(name) {
		return false, nil
	}
	p, err := s.peek(ctx, f)
	return slices.Contains(p.customers, name), err
}

// learn keeps what the rows of a run that was just loaded say.
func (s *session) learn(ctx context.Context, r export.Run, sl *slice) error {
	c, known := s.contents[contentID(r)]
	if !known && needsAccounts(r) {
		if err := s.peekRun(ctx, r); err != nil {
			return err
		}
		c = s.contents[contentID(r)]
	}
	c.Days = spansOf(sl.days)
	s.contents[contentID(r)] = c
	s.contentsAsRead = -1
	return nil
}

// keepContents writes down what is known of the runs that are listed or loaded.
func (s *session) keepContents(ctx context.Context) error {
	if s.contentsAsRead == len(s.contents) {
		return nil
	}
	batch := columnar.NewBatch(columnar.Schema{
		{Name: "run_key", Type: columnar.String}, {Name: "change_token", Type: columnar.String}, {Name: "accounts", Type: columnar.String},
		{Name: "agreement", Type: columnar.String}, {Name: "days", Type: columnar.String},
	})
	done := map[string]bool{}
	for _, st := range s.standings {
		r := st.Run
		c, known := s.contents[contentID(r)]
		if !known || done[contentID(r)] {
			continue
		}
		done[contentID(r)] = true
		batch.Str(0, r.Key)
		batch.Str(1, r.Token)
		batch.Str(2, strings.Join(c.Accounts, "|"))
		batch.Str(3, c.Agreement)
		if c.Days != nil {
			batch.Str(4, formatSpans(c.Days))
		}
		batch.EndRow()
	}
	if err := s.DB.Exec(ctx, "delete from run_contents"); err != nil {
		return err
	}
	return s.insert(ctx, "run_contents", batch)
}

// accountsOf are the billing accounts that cells name, sorted, each once.
func accountsOf(cells []string) []string {
	out := []string{}
	for _, c := range cells {
		if a := strings.ReplaceAll(azure.BillingAccount(c), "|", ""); a != "" {
			out = append(out, a)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// spansOf puts days, in days since 1970-01-01 and in any order, into spans.
func spansOf(days []int32) []export.Span {
	days = slices.Clone(days)
	slices.Sort(days)
	out := []export.Span{}
	for _, d := range slices.Compact(days) {
		if n := len(out); n > 0 && out[n-1].To+1 == export.Day(d) {
			out[n-1].To++
			continue
		}
		out = append(out, export.Span{From: export.Day(d), To: export.Day(d)})
	}
	return out
}

func formatSpans(spans []export.Span) string {
	texts := make([]string, len(spans))
	for i, s := range spans {
		texts[i] = s.String()
	}
	return strings.Join(texts, ",")
}

func parseSpans(text string) []export.Span {
	out := []export.Span{}
	for _, one := range splitText(text, ",") {
		from, to, _ := strings.Cut(one, "..")
		a, errA := time.Parse(time.DateOnly, from)
		b, errB := time.Parse(time.DateOnly, to)
		if errors.Join(errA, errB) == nil {
			out = append(out, export.Span{From: export.DayOf(a), To: export.DayOf(b)})
		}
	}
	return out
}

// splitText splits a text; an empty one has no parts.
func splitText(text, by string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, by)
}

// LostDays lists the days of subscriptions of which usage was delivered and none counts, with the files that held it; there should be none.
// What names a customer who opted out is not shown. Call it after the attribution.
func (l *Ledger) LostDays(ctx context.Context) (lost []string, err error) {
	err = l.each(ctx, queries.Text("ledger/lost_days.sql"), func(v []engine.Value) {
		lost = append(lost, fmt.Sprintf("subscription %s, %s: %s", v[0].S, v[1].S, v[2].S))
	})
	return lost, err
}

// CheckLostDays is the *CheckError that the days of LostDays are; nil when there are none.
func CheckLostDays(lost []string) error {
	const show = 20
	if n := len(lost); n == 0 {
		return nil
	} else if n > show {
		lost = append(slices.Clone(lost[:show]), fmt.Sprintf("and %d days more", n-show))
	}
	return &CheckError{
		Check: "lost days", Detail: "usage was delivered of these days, and none of it counts:\n" + strings.Join(lost, "\n"),
		Hint: "the report overlaps says what was given up for what: have the export that counts there run again, or take it out of the sources",
	}
}
