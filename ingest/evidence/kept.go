package evidence

import (
	"slices"
	"strings"

	"github.com/pidledger/pidledger/ingest/source"
)

var keptKinds = []kind{kindDeployment, kindOperation, kindWrite, kindDelete, kindMove, kindChange, kindRequest}

// IsKept reports whether records of a kind become canonical rows; the others are only counted.
func IsKept(name string) bool {
	return slices.ContainsFunc(keptKinds, func(k kind) bool { return kindNames[k] == name })
}

// cutLine ends the reason of a last line without its line end.
const cutLine = " (last line, probably copied while it was being written)"

// IsCut reports whether a reject is the last line of a file that was copied while it was being written.
func IsCut(r source.Reject) bool { return strings.HasSuffix(r.Reason, cutLine) }
