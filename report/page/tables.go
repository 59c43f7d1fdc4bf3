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
	Plain   bool       // the numbers of a chart: neither sorted nor filtered
}

type htmlColumn struct {
	Name    string
	Number  bool
	Wide    bool // left out where the screen has no room for it
	Plain   bool // a drawing: there is nothing to sort by
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

// columns reads "name" or "#name" for numbers, with "~" before it when small screens leave the column out, and an explanation after a bar.
func columns(specs ...string) (out []htmlColumn) {
	for _, s := range specs {
		name, meaning, _ := strings.Cut(s, "|")
		name, wide := strings.CutPrefix(name, "~")
		name, number := strings.CutPrefix(name, "#")
		out = append(out, htmlColumn{Name: name, Number: number, Wide: wide, Meaning: meaning})
	}
	return out
}

func (t *htmlTable) add(cells ...htmlCell) { t.Rows = append(t.Rows, cells) }

func textCell(s string) htmlCell { return htmlCell{Text: human.Clean(s)} }

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

// growthCell compares an amount with the one before; class says whether it went up or down.
func growthCell(now, before *big.Int) htmlCell {
	if before == nil && now != nil && now.Sign() > 0 {
		return htmlCell{Text: "new", Value: "1e30"}
	}
	g := lead.GrowthOf(now, before)
	return htmlCell{Text: growthText(g), Value: g, Title: g, Class: direction(spec.Amount(g).Sign())}
}
