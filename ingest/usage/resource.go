package usage

import (
	"bytes"
	"unicode/utf8"

	"github.com/pidledger/pidledger/ingest/guid"
)

// resource is what a resource id says (SPEC 3.7). The slices other than id and typ point into id.
type resource struct {
	id           []byte // lower case, one leading `/`, no trailing `/`; empty when there is none
	kind         string
	subscription []byte // the segment after /subscriptions/, whatever it is
	hasGUID      bool   // the subscription is a GUID and not the one of zeros
	group        []byte
	typ          []byte // provider/type/childtype
}

var (
	segSubscriptions = []byte("/subscriptions/")
	segGroups        = []byte("/resourcegroups/")
	segProviders     = []byte("/providers/")
	nsCapacity       = []byte("/providers/microsoft.capacity/")
	nsBenefits       = []byte("/providers/microsoft.billingbenefits/")
)

// parse fills r from a raw id without outer blanks.
func (r *resource) parse(raw []byte) {
	raw = bytes.Trim(raw, "/")
	r.id, r.typ = r.id[:0], r.typ[:0]
	r.kind, r.subscription, r.group, r.hasGUID = "empty", nil, nil, false
	if len(raw) == 0 {
		return
	}
	r.id = appendLower(append(r.id, '/'), raw)
	r.setType()
	switch {
	case bytes.Contains(r.id, nsCapacity):
		r.kind = "reservation"
	case bytes.Contains(r.id, nsBenefits):
		r.kind = "savings_plan"
	case bytes.HasPrefix(r.id, segProviders):
		r.kind = "tenant"
	default:
		r.kind = "bare_name"
	}
	rest, ok := bytes.CutPrefix(r.id, segSubscriptions)
	if !ok {
		return
	}
	end := segmentEnd(rest)
	r.subscription, rest = rest[:end], rest[end:]
	r.hasGUID = guid.Is(r.subscription) && string(r.subscription) != guid.Nil
	arm := "subscription"
	if len(rest) > 0 {
		arm = "arm"
		if groups, ok := bytes.CutPrefix(rest, segGroups); ok {
			end := segmentEnd(groups)
			r.group = groups[:end]
			if end == len(groups) {
				arm = "rg"
			}
		}
	}
	if r.kind == "bare_name" {
		r.kind = arm
	}
}

func segmentEnd(b []byte) int {
	if i := bytes.IndexByte(b, '/'); i >= 0 {
		return i
	}
	return len(b)
}

// setType reads the type from the last provider of the id: an extension resource is of the extension's type.
func (r *resource) setType() {
	at := bytes.LastIndex(r.id, segProviders)
	if at < 0 {
		return
	}
	rest := r.id[at+len(segProviders):]
	for i := 0; len(rest) > 0; i++ {
		end := segmentEnd(rest)
		if i == 0 || i%2 == 1 {
			if i > 0 {
				r.typ = append(r.typ, '/')
			}
			r.typ = append(r.typ, rest[:end]...)
		}
		rest = rest[min(end+1, len(rest)):]
	}
	if !bytes.Contains(r.typ, []byte("/")) {
		r.typ = r.typ[:0]
	}
}

// appendLower appends b in lower case. Almost all texts are ASCII.
func appendLower(dst, b []byte) []byte {
	start := len(dst)
	dst = append(dst, b...)
	low := dst[start:]
	for i, c := range low {
		if c >= utf8.RuneSelf {
			return append(dst[:start+i], bytes.ToLower(b[i:])...)
		}
		if c-'A' < 26 {
			low[i] = c + 'a' - 'A'
		}
	}
	return dst
}

func appendUpper(dst, b []byte) []byte {
	for _, c := range b {
		if c-'a' < 26 {
			c -= 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

// subscriptionOf takes the subscription out of a cell: a bare id or `/subscriptions/<id>`.
func subscriptionOf(cell []byte) []byte {
	cell = bytes.Trim(cell, "/")
	const prefix = "subscriptions/"
	if len(cell) > len(prefix) && bytes.EqualFold(cell[:len(prefix)], segSubscriptions[1:]) {
		cell = cell[len(prefix):]
		cell = cell[:segmentEnd(cell)]
	}
	return cell
}
