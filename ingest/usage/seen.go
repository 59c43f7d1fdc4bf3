package usage

import (
	"bytes"
	"maps"
	"math/bits"
	"slices"
)

// seen collects the days, accounts, subscriptions and tenants of a file's rows.
type seen struct {
	days          [seenDays / 64]uint64
	rare          map[int32]bool // days outside 1970 to 2149
	accounts      seenTexts
	subscriptions seenTexts
	tenants       seenTexts
}

// seenDays is the number of days, from 1970-01-01 into 2149, that have a bit of their own.
const seenDays = 1 << 16

func (s *seen) day(d int32) {
	if d >= 0 && d < seenDays {
		s.days[d/64] |= 1 << (d % 64)
		return
	}
	if s.rare == nil {
		s.rare = map[int32]bool{}
	}
	s.rare[d] = true
}

func (s *seen) sortedDays() []int32 {
	days := slices.Collect(maps.Keys(s.rare))
	for i, word := range s.days {
		for ; word != 0; word &= word - 1 {
			days = append(days, int32(i*64+bits.TrailingZeros64(word))) //nolint:gosec // below seenDays
		}
	}
	slices.Sort(days)
	return days
}

// seenTexts keeps the first few different texts.
type seenTexts struct {
	texts []string
	last  []byte
}

const mostTexts = 64

func (s *seenTexts) add(text []byte) {
	if bytes.Equal(text, s.last) {
		return
	}
	s.last = append(s.last[:0], text...)
	if len(s.texts) < mostTexts && !slices.Contains(s.texts, string(text)) {
		s.texts = append(s.texts, string(text))
	}
}
