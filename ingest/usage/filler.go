package usage

import "bytes"

// fillerSet holds the placeholders that mean an empty cell in a kind of column (fillers.csv).
type fillerSet struct {
	first   [256]bool // first bytes, so that hardly any text is compared
	longest int
	list    []fillerText
}

type fillerText struct {
	value []byte
	fold  bool
}

// newFillerSet collects the placeholders of a format that apply to any column or to those of the scope.
func newFillerSet(all []filler, kind, scope string) *fillerSet {
	s := &fillerSet{}
	for _, f := range all {
		if f.format != "*" && f.format != kind || f.scope != "any" && f.scope != scope {
			continue
		}
		v := []byte(f.value)
		s.list = append(s.list, fillerText{v, f.fold})
		s.longest = max(s.longest, len(v))
		s.first[v[0]] = true
		if f.fold {
			s.first[bytes.ToLower(v)[0]], s.first[bytes.ToUpper(v)[0]] = true, true
		}
	}
	return s
}

// has reports whether v, without outer blanks, is a placeholder.
func (s *fillerSet) has(v []byte) bool {
	if len(v) == 0 || len(v) > s.longest || !s.first[v[0]] {
		return false
	}
	for i := range s.list {
		f := &s.list[i]
		if len(f.value) == len(v) && (bytes.Equal(f.value, v) || f.fold && bytes.EqualFold(f.value, v)) {
			return true
		}
	}
	return false
}
