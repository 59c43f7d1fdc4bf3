package spec

import (
	"math/big"
	"testing"

	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
)

// A wrong name is not an other column's value.
func TestRow(t *testing.T) {
	of, _ := Find("malformed")
	r := NewRow(of)
	values := make([]engine.Value, len(of.Columns))
	for i, c := range of.Columns {
		values[i] = engine.Value{Type: c.Type, Null: true}
	}
	values[0] = engine.Value{Type: columnar.String, S: "pid-x"}
	values[6] = engine.Value{Type: columnar.Int, I: 3}
	r.Set(values)
	if r.Text("token") != "pid-x" || r.Int("sightings") != 3 || r.Text("last_seen") != "" {
		t.Errorf("%q, %d, %q", r.Text("token"), r.Int("sightings"), r.Text("last_seen"))
	}
	defer func() {
		if got, want := recover(), "the report malformed has no column tokens"; got != want {
			t.Errorf("panic %v, want %s", got, want)
		}
	}()
	r.Text("tokens")
}

func TestAmountOf(t *testing.T) {
	for units, want := range map[string]Amount{"0": "0", "1": "0.000000000000000001", "-1500000000000000000": "-1.5", "100000000000000000000000000000000000000000000": "100000000000000000000000000"} {
		n, _ := new(big.Int).SetString(units, 10)
		if got := AmountOf(n); got != want || got.Sign() != n.Sign() {
			t.Errorf("AmountOf(%s) = %s, want %s", units, got, want)
		}
	}
}
