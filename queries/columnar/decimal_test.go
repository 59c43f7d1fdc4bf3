package columnar

import (
	"errors"
	"math/big"
	"regexp"
	gostrings "strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/decimal128"
)

func TestParseDecimal(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"0", "0"}, {"-0", "0"}, {"+5", "5"}, {" 1.50\t", "1.5"}, {".5", "0.5"}, {"5.", "5"}, {"-.5e1", "-5"}, {"1e0", "1"},
		{"9.2E-05", "0.000092"}, {"1E+3", "1000"}, {"0e999999999999999999999", "0"}, {"1e-999999999999999999999", "0"},
		{"0.0000000000000000005", "0.000000000000000001"}, {"-0.0000000000000000005", "-0.000000000000000001"},
		{"0.00000000000000000049999", "0"}, {"5e-19", "0.000000000000000001"}, {"4.9e-19", "0"}, {"5e-20", "0"},
		{"1234567890123456789", "1234567890123456789"}, {"12345678901234567890", "12345678901234567890"}, {"1.234567890123456789", "1.234567890123456789"},
		{"99999999999999999999.999999999999999999", "99999999999999999999.999999999999999999"},
		{"99999999999999999999.9999999999999999994", "99999999999999999999.999999999999999999"},
		{"0000000000000000000000000000000000000000001.5000000000000000000000000000", "1.5"},
		{"9999999999999999999", "9999999999999999999"}, {"18446744073709551616", "18446744073709551616"},
		{"0.99999999999999999950", "1"}, {"100000000000000000000e-1", "10000000000000000000"},
	} {
		d, err := ParseDecimal([]byte(tc.in))
		if err != nil {
			t.Errorf("%q: %v", tc.in, err)
		} else if got := FormatDecimal(d); got != tc.want {
			t.Errorf("%q: got %s, want %s", tc.in, got, tc.want)
		}
	}
	for _, in := range []string{"", " ", ".", "-", "+-1", "1,5", "1.2.3", "1e", "e5", "1e+", "1e5x", "NaN", "Inf", "0x10", "1_000", "1 2", "$1", "--1", ".e1", "１"} {
		if d, err := ParseDecimal([]byte(in)); !errors.Is(err, ErrNotNumber) {
			t.Errorf("%q: got %s and %v, want ErrNotNumber", in, FormatDecimal(d), err)
		}
	}
	for _, in := range []string{"100000000000000000000", "-1e20", "99999999999999999999.9999999999999999995", "1e999999999999999999999", "1e38"} {
		if d, err := ParseDecimal([]byte(in)); !errors.Is(err, ErrOutOfRange) {
			t.Errorf("%q: got %s and %v, want ErrOutOfRange", in, FormatDecimal(d), err)
		}
	}
}

func TestFormat(t *testing.T) {
	for _, tc := range []struct {
		d              Dec
		decimal, ratio string
	}{
		{Dec{}, "0", "0"},
		{decimal128.FromI64(-1), "-0.000000000000000001", "-0.000001"},
		{decimal128.FromI64(1_500_000), "0.0000000000015", "1.5"},
		{decimal128.FromI64(-1_000_000), "-0.000000000001", "-1"},
		{decimal128.New(-1<<63, 0), "-170141183460469231731.687303715884105728", "-170141183460469231731687303715884.105728"},
	} {
		if got := FormatDecimal(tc.d); got != tc.decimal {
			t.Errorf("FormatDecimal: got %s, want %s", got, tc.decimal)
		}
		if got := FormatRatio(tc.d); got != tc.ratio {
			t.Errorf("FormatRatio: got %s, want %s", got, tc.ratio)
		}
	}
}

var numberShape = regexp.MustCompile(`^[ \t\r\n]*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?[ \t\r\n]*$`)

// FuzzParseDecimal compares with rationals of math/big.
func FuzzParseDecimal(f *testing.F) {
	for _, s := range []string{"0", "-1.5", "9.2E-05", " .5 ", "99999999999999999999.9999999999999999995", "1e400", "1e-400", "12345678901234567890.5e-3", "5e-19", "+00.10", "1,5"} {
		f.Add(s)
	}
	one := new(big.Int).Exp(big.NewInt(10), big.NewInt(18), nil)
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(38), nil)
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDecimal([]byte(s))
		if !numberShape.MatchString(s) {
			if !errors.Is(err, ErrNotNumber) {
				t.Fatalf("%q: %v, want ErrNotNumber", s, err)
			}
			return
		}
		r, ok := new(big.Rat).SetString(gostrings.Trim(s, " \t\r\n"))
		if !ok {
			return // an exponent too big for math/big
		}
		if r.Num().BitLen() > 1<<16 || r.Denom().BitLen() > 1<<16 {
			return
		}
		// Half away from zero: floor(|r| * 10^18 * 2 + 1) / 2.
		num := new(big.Int).Mul(new(big.Int).Abs(r.Num()), one)
		num.Lsh(num, 1).Add(num, r.Denom())
		want := num.Quo(num, new(big.Int).Lsh(r.Denom(), 1))
		if want.Cmp(limit) >= 0 {
			if !errors.Is(err, ErrOutOfRange) {
				t.Fatalf("%q: %v, want ErrOutOfRange", s, err)
			}
			return
		}
		if r.Sign() < 0 {
			want.Neg(want)
		}
		if err != nil || d.BigInt().Cmp(want) != 0 {
			t.Fatalf("%q: got %v (%v), want %v", s, d.BigInt(), err, want)
		}
		back, err := ParseDecimal([]byte(FormatDecimal(d)))
		if err != nil || back != d {
			t.Fatalf("%q: %s does not read back: %v", s, FormatDecimal(d), err)
		}
	})
}

// FuzzFormatDecimal compares with the text of math/big.
func FuzzFormatDecimal(f *testing.F) {
	f.Add(int64(0), uint64(0))
	f.Add(int64(-1), uint64(1))
	f.Add(int64(5421010862427522170), uint64(687399551400673279))
	f.Fuzz(func(t *testing.T, hi int64, lo uint64) {
		d := decimal128.New(hi, lo)
		for _, c := range []struct {
			scale int
			got   string
		}{{18, FormatDecimal(d)}, {6, FormatRatio(d)}} {
			text := new(big.Int).Abs(d.BigInt()).String()
			for len(text) <= c.scale {
				text = "0" + text
			}
			want := gostrings.TrimRight(text[:len(text)-c.scale]+"."+text[len(text)-c.scale:], "0")
			want = gostrings.TrimSuffix(want, ".")
			if hi < 0 {
				want = "-" + want
			}
			if c.got != want {
				t.Fatalf("%d, %d: got %s, want %s", hi, lo, c.got, want)
			}
		}
	})
}
