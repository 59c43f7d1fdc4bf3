package azure

// NilGUID is the GUID of all zeros. It identifies nothing; some exports write it for a missing id (SPEC 3.7).
const NilGUID = "00000000-0000-0000-0000-000000000000"

// GUIDLen is the number of bytes of a GUID.
const GUIDLen = len(NilGUID)

// IsGUID reports whether s is a GUID as Azure writes them: 8-4-4-4-12 hex digits of either case, of any UUID version, without brackets
// (SPEC 4). The nil GUID is one.
func IsGUID[T ~string | ~[]byte](s T) bool {
	if len(s) != GUIDLen {
		return false
	}
	for i := range GUIDLen {
		switch {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if s[i] != '-' {
				return false
			}
		case !IsHex(s[i]):
			return false
		}
	}
	return true
}
