package page

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/report/human"
)

// sparkView is a small drawing of the months of one line.
type sparkView struct {
	Width int
	Path  string
	Text  string // the numbers
}

// sparks are the amounts of lines by month.
type sparks map[string]map[string]*big.Int

func (s sparks) add(line, month string, cost columnar.Dec) {
	if s[line] == nil {
		s[line] = map[string]*big.Int{}
	}
	s[line][month] = cost.BigInt()
}

// The lengths of a sparkline.
const (
	sparkHeight = 16
	sparkStep   = 6 // from bar to bar
	sparkBar    = 4
)

// dropEmptyTrend leaves the last column out when it is that of the sparklines and has none: there is but one month.
func (t *htmlTable) dropEmptyTrend() {
	last := len(t.Columns) - 1
	if !t.Columns[last].Plain || slices.ContainsFunc(t.Rows, func(row []htmlCell) bool { return row[last].Spark != nil }) {
		return
	}
	t.Columns = t.Columns[:last]
	for i, row := range t.Rows {
		t.Rows[i] = row[:last]
	}
}

// sparkCell draws a bar for each of the last months, above or below a line at zero. What is not nothing is at least a line.
func (b *builder) sparkCell(months map[string]*big.Int) htmlCell {
	if len(b.recent) < 2 || len(months) == 0 {
		return htmlCell{}
	}
	low, high := new(big.Int), new(big.Int)
	for _, m := range b.recent {
		if n := months[m]; n != nil && n.Cmp(high) > 0 {
			high = n
		} else if n != nil && n.Cmp(low) < 0 {
			low = n
		}
	}
	span := new(big.Int).Sub(high, low)
	v := &sparkView{Width: sparkStep * len(b.recent)}
	var path strings.Builder
	var texts []string
	for i, m := range b.recent {
		n := months[m]
		if n == nil || n.Sign() == 0 {
			continue
		}
		zero := rounded(high, span, sparkHeight)
		to := rounded(new(big.Int).Sub(high, n), span, sparkHeight)
		if to == zero {
			to -= n.Sign()
		}
		fmt.Fprintf(&path, "M%d %dh%dV%dh-%dZ", i*sparkStep, zero, sparkBar, to, sparkBar)
		texts = append(texts, m+" "+human.Rounded(decimal(n)))
	}
	if v.Path = path.String(); v.Path == "" {
		return htmlCell{}
	}
	v.Text = strings.Join(texts, ", ")
	return htmlCell{Spark: v}
}
