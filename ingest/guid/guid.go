// Package guid knows the one written form of GUIDs that Azure uses: 8-4-4-4-12 hex digits, in any case, without brackets. What makes a
// tracking id of a GUID is the business of the package token.
package guid

// Nil is the GUID of zeros: nobody's id, which some exports write where there is none.
const Nil = "00000000-0000-0000-0000-000000000000"

// Len is the number of bytes of a GUID.
const Len = len(Nil)

// Is reports whether s is a GUID, the nil GUID included.
func Is[T ~string | ~[]byte](s T) bool {
	if len(s) != Len {
		return false
	}
	for i := range Len {
		c := s[i]
		switch {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case '0' <= c && c <= '9', 'a' <= c && c <= 'f', 'A' <= c && c <= 'F':
		default:
			return false
		}
	}
	return true
}
