package cmd

import (
	"context"
	"fmt"

	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/report/human"
)

// runDryRun is `run --dry-run`: it shows what a run would read.
func (p *program) runDryRun(ctx context.Context, o runOptions) error {
	c, err := p.Config(o.Flags)
	if err != nil {
		return err
	}
	if err := c.CheckInputs(); err != nil {
		return err
	}
	call, done := p.Call(c)
	defer done()
	call.Progress.Stage("list the sources", "files")
	plan, err := p.app.DryRun(ctx, call)
	if err != nil {
		return err
	}
	if o.json {
		done()
		return p.WriteJSON(plan)
	}
	for _, n := range plan.Notes {
		call.Progress.Note(n)
	}
	done()
	return p.showPlan(plan)
}

func (p *program) showPlan(plan *ingest.Plan) error {
	width, _ := p.Size(p.Out)
	t := &human.Table{Right: map[int]bool{2: true, 3: true}, Width: width, Below: true}
	t.Row(human.Bold, "action", "month", "files", "size", "path")
	var files, bytes int64
	for _, i := range plan.Items {
		if i.Action == ingest.ActionLoad || i.Action == ingest.ActionRead {
			files += i.Files
			bytes += i.Bytes
		}
		t.Row(planStyle(i), i.Action, i.Month, human.Thousands(i.Files), human.Bytes(i.Bytes), i.Path)
	}
	out := human.NewPrinter(p.Out, p.Color(p.Out))
	if len(plan.Items) > 0 {
		for i, line := range out.Lines(t) {
			out.Line(human.Plain, line)
			if i > 0 && plan.Items[i-1].Why != "" {
				out.Text(human.Dim, 6, human.Clean(plan.Items[i-1].Why))
			}
		}
		out.Line(human.Plain, "")
	}
	would := "Nothing would be read"
	if files > 0 {
		would = fmt.Sprintf("%s files would be read (%s)", human.Thousands(files), human.Bytes(bytes))
	}
	ignored := ""
	if plan.Ignored > 0 {
		ignored = fmt.Sprintf(", %s empty or not for pidledger", human.Thousands(plan.Ignored))
	}
	out.Text(human.Plain, 0, fmt.Sprintf("%s; %s unchanged%s. Nothing was written.", would, human.Thousands(plan.Unchanged), ignored))
	return out.Err()
}

func planStyle(i ingest.Planned) human.Style {
	switch i.Action {
	case ingest.ActionFail:
		return human.Red
	case ingest.ActionWait:
		return human.Yellow
	case ingest.ActionReplace, ingest.ActionSkip:
		return human.Dim
	}
	return human.Plain
}
