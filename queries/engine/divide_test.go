package engine

import (
	"database/sql"
	"fmt"
	"math/big"
	"math/rand"
	"strings"
	"testing"
)

// A ratio is rounded half away from zero to six decimals for every two amounts that there are, and NULL where there is no such ratio.
func TestTryDivide(t *testing.T) {
	db, err := Open(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	type pair struct{ a, b, want string }
	pairs := []pair{
		{"1", "3", "0.333333"},
		{"2", "3", "0.666667"},
		{"-2", "3", "-0.666667"},
		{"2", "-3", "-0.666667"},
		{"1", "8000000", "0.000000"},
		{"1", "2000000", "0.000001"},
		{"-1", "2000000", "-0.000001"},
		{"1", "0", ""},
		{"0", "5", "0.000000"},
		{"100000", "0.000000000000001", ""}, // 10^20: the base of a growth was next to nothing
		{"99999", "0.000000000000001", "99999000000000000000.000000"},
		{"170000000000000", "340000000000000", "0.500000"}, // above, a remainder times a million is not a hugeint
		{"12345678901234567", "98765432109876543", "0.125000"},
		{"99999999999999999999", "99999999999999999999", "1.000000"},
		{"33333333333333333333", "99999999999999999999", "0.333333"},
		{"-66666666666666666666", "99999999999999999999", "-0.666667"},
	}
	r := rand.New(rand.NewSource(7))
	amount := func() *big.Rat {
		units := new(big.Int).Rand(r, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(1+r.Intn(38))), nil))
		if r.Intn(2) == 0 {
			units.Neg(units)
		}
		return new(big.Rat).SetFrac(units, big.NewInt(1_000_000_000_000_000_000))
	}
	largest := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(20), nil))
	for range 2000 {
		a, b := amount(), amount()
		want := ""
		if b.Sign() != 0 {
			if q := new(big.Rat).Quo(a, b); new(big.Rat).Abs(q).Cmp(largest) < 0 {
				want = strings.Replace(q.FloatString(6), "-0.000000", "0.000000", 1)
			}
		}
		pairs = append(pairs, pair{a.FloatString(18), b.FloatString(18), want})
	}
	var rows []string
	for i, p := range pairs {
		rows = append(rows, fmt.Sprintf("(%d, %s::decimal(38,18), %s::decimal(38,18))", i, Literal(p.a), Literal(p.b)))
	}
	got, err := db.conn.QueryContext(t.Context(), "select cast(cast(try_divide(a, b) as decimal(38,6)) as varchar) from (values "+strings.Join(rows, ", ")+") v(i, a, b) order by i")
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	for _, p := range pairs {
		var quotient sql.NullString
		if !got.Next() || got.Scan(&quotient) != nil {
			t.Fatal(got.Err())
		}
		if quotient.String != p.want {
			t.Errorf("%s / %s = %q, want %q", p.a, p.b, quotient.String, p.want)
		}
	}
}
