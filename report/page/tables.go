package page

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/lead"
	"github.com/pidledger/pidledger/report/spec"
)

// htmlTable is a table that can be sorted and filtered.
type htmlTable struct {
	ID      string
	Caption string
	Note    string // which part of the report it shows
	Hint    string // where to go from here
	Empty   string // what it means that there are no rows
	Columns []htmlColumn
	Rows    [][]htmlCell
	Total   []htmlCell // the last line, which stays where it is; nil: none
	Plain   bool       // neither sorted nor filtered
	Long    bool       // has so many columns that small screens show each cell in a line of its own
}

type htmlColumn struct {
	Name    string
	Number  bool
	Class   string // "w": small screens leave it out, "x": middle ones, too
	Plain   bool   // a drawing: there is nothing to sort by
	Meaning string
}

// htmlCell is one cell.
type htmlCell struct {
	Text  string
	Value string // exact, where Text is rounded or for people; sorted by
	Title string
	Code  bool
	Class string

	Under  string // a second line: the id below a name
	Swatch string // the colour that Text has in the charts
	Bar    int    // a bar, in parts of wholeBar
	Spark  *sparkView
}

// Look are the classes of a column's head.
func (c htmlColumn) Look() string {
	look := c.look()
	if c.Plain {
		look += " p"
	}
	return strings.TrimSpace(look)
}

func (c htmlColumn) look() string {
	if c.Number {
		return strings.TrimSpace("n " + c.Class)
	}
	return c.Class
}

// Look are the classes of a cell in a column.
func (c htmlCell) Look(column htmlColumn) string {
	return strings.TrimSpace(column.look() + " " + c.Class)
}

// columns reads "name" or "#name" for numbers, with "~" before it when small screens leave the column out, "~~" when middle ones do, too, and an
// explanation after a bar.
func columns(specs ...string) (out []htmlColumn) {
	for _, s := range specs {
		name, meaning, _ := strings.Cut(s, "|")
		name, wide := strings.CutPrefix(name, "~")
		name, wider := strings.CutPrefix(name, "~")
		name, number := strings.CutPrefix(name, "#")
		c := htmlColumn{Name: name, Number: number, Meaning: meaning}
		switch {
		case wider:
			c.Class = "x"
		case wide:
			c.Class = "w"
		}
		out = append(out, c)
	}
	return out
}

func (t *htmlTable) add(cells ...htmlCell) { t.Rows = append(t.Rows, cells) }

func textCell(s string) htmlCell { return htmlCell{Text: human.Clean(s)} }

// longCell is a text that may break anywhere: a path.
func longCell(s string) htmlCell { return htmlCell{Text: human.Clean(s), Class: "l"} }

// resourceCells show a resource id by what people know it by: its name, with the resource group below, and its kind.
func resourceCells(id string) (name, kind htmlCell) {
	if id == "" {
		return textCell("charges that name no resource"), textCell("")
	}
	name = htmlCell{Text: human.Clean(id), Title: human.Clean(id), Class: "l"}
	scope, rest, ok := cutLast(id, "/providers/")
	parts := strings.Split(rest, "/")
	if !ok || len(parts) < 3 || len(parts)%2 == 0 {
		return name, textCell("")
	}
	kinds, names := []string{strings.TrimPrefix(parts[0], "microsoft.")}, []string{}
	for i := 1; i < len(parts); i += 2 {
		kinds, names = append(kinds, parts[i]), append(names, parts[i+1])
	}
	name.Text = human.Clean(strings.Join(names, "/"))
	if _, group, ok := strings.Cut(scope, "/resourcegroups/"); ok {
		name.Under = human.Clean(group)
	}
	return name, textCell(strings.Join(kinds, "/"))
}

// cutLast cuts at the last sep.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

func dateCell(s string) htmlCell { return htmlCell{Text: s, Class: "d"} }

func codeCell(s string) htmlCell { return htmlCell{Text: human.Clean(s), Code: s != ""} }

func countCell(n int64) htmlCell {
	return htmlCell{Text: human.Thousands(n), Value: strconv.FormatInt(n, 10)}
}

func amountCell(a spec.Amount) htmlCell {
	return htmlCell{Text: human.Rounded(a), Value: string(a), Title: string(a)}
}

func moneyCell(n *big.Int) htmlCell { return amountCell(decimal(n)) }

func decCell(n columnar.Dec) htmlCell { return moneyCell(n.BigInt()) }

// decimal gives an exact amount x 10^18 as text; nil: none.
func decimal(n *big.Int) spec.Amount {
	if n == nil {
		return ""
	}
	return spec.AmountOf(n)
}

func percentCell(ratio string) htmlCell {
	return htmlCell{Text: percent(ratio), Value: ratio, Title: ratio}
}

// small is the class of a ratio that says little, for what it is a ratio of is small.
const small = "small"

// growthCell compares an amount with the one before; class says whether it went up or down.
func growthCell(now, before *big.Int) htmlCell {
	if before == nil && now != nil && now.Sign() > 0 {
		return htmlCell{Text: "new", Value: "1e30"}
	}
	g := lead.GrowthOf(now, before)
	return htmlCell{Text: growthText(g), Value: g, Title: g, Class: direction(spec.Amount(g).Sign())}
}
