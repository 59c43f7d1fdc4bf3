package human

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/pidledger/pidledger/report/spec"
)

// Rounded shows an amount with two decimals and a comma between thousands. What is not zero never looks like zero.
func Rounded(a spec.Amount) string {
	if a == "" {
		return "-"
	}
	r := a.Rat()
	text := r.FloatString(2)
	if strings.Trim(text, "-0.") == "" {
		return nearZero(r.Sign(), "0.00", "0.01")
	}
	whole, frac, _ := strings.Cut(text, ".")
	return Group(whole) + "." + frac
}

// nearZero shows what rounds to zero: nothing as zero, else that it is less than the least that is shown.
func nearZero(sign int, zero, least string) string {
	switch sign {
	case 1:
		return "<" + least
	case -1:
		return ">-" + least
	}
	return zero
}

// Percent shows a ratio as percent with one decimal; an empty one as a dash. What is not all never looks like all.
func Percent(ratio string) string {
	text := percent(ratio)
	if text == "100.0 %" {
		switch spec.Amount(ratio).Rat().Cmp(big.NewRat(1, 1)) {
		case -1:
			return ">99.9 %"
		case 1:
			return ">100.0 %"
		}
	}
	return text
}

func percent(ratio string) string {
	if ratio == "" {
		return "-"
	}
	r := spec.Amount(ratio).Rat()
	text := new(big.Rat).Mul(r, big.NewRat(100, 1)).FloatString(1)
	if strings.Trim(text, "-0.") == "" {
		return nearZero(r.Sign(), "0.0 %", "0.1 %")
	}
	whole, frac, _ := strings.Cut(text, ".")
	return Group(whole) + "." + frac + " %"
}

// Tenfold is what is shown of a growth above 999 %; the amounts beside it say the rest.
const Tenfold = ">10x"

// mostGrowth is the growth above which percents say nothing any more: it was nearly nothing before.
var mostGrowth = big.NewRat(999, 100)

// Growth is Percent with a sign; above 999 % it says that it is more than tenfold, and the amounts beside it say the rest.
func Growth(ratio string) string {
	if ratio != "" && spec.Amount(ratio).Rat().Cmp(mostGrowth) > 0 {
		return Tenfold
	}
	if spec.Amount(ratio).Sign() > 0 {
		return "+" + strings.TrimPrefix(percent(ratio), "<")
	}
	return percent(ratio)
}

// Signed is Rounded with a sign.
func Signed(a spec.Amount) string {
	if a.Sign() > 0 {
		return "+" + strings.TrimPrefix(Rounded(a), "<")
	}
	return Rounded(a)
}

// Thousands shows an integer with a comma between thousands.
func Thousands(n int64) string { return Group(strconv.FormatInt(n, 10)) }

// Group writes a whole number with a comma between thousands.
func Group(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// Plural counts with a noun.
func Plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Thousands(n) + " " + noun + "s"
}

// Were counts with a noun and its verb.
func Were(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Thousands(n) + " " + many
}

// Bytes shows a size in decimal units.
func Bytes(n int64) string {
	units := []string{"kB", "MB", "GB", "TB", "PB", "EB"}
	if n < 1000 {
		return strconv.FormatInt(n, 10) + " B"
	}
	f := float64(n)
	unit := ""
	for _, u := range units {
		if f < 999.95 {
			break
		}
		f, unit = f/1000, u
	}
	return strconv.FormatFloat(f, 'f', 1, 64) + " " + unit
}

// Duration shows a time span with what matters of it: 0.4 s, 12 s, 3 min 20 s, 2 h 5 min.
func Duration(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	case d < time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'f', 0, 64) + " s"
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}

// OrDash is the text, or a dash for an empty one.
func OrDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// Few joins the first names of a list.
func Few(names []string) string {
	const show = 3
	if len(names) <= show {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:show], ", "), len(names)-show)
}
