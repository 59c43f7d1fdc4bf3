package usage

import (
	"bytes"

	"github.com/pidledger/pidledger/ingest/azure"
)

// resource is what a resource id says (SPEC 3.7). The slices other than id and typ point into id.
type resource struct {
	id           []byte // lower case, one leading `/`, no trailing `/`; empty when there is none
	kind         string
	subscription []byte // the segment after /subscriptions/, whatever it is
	hasGUID      bool   // the subscription is a GUID other than all zeros
	group        []byte
	typ          []byte // provider/type/childtype
}

var (
	providers     = []byte(azure.ProvidersSegment)
	subscriptions = []byte(azure.SubscriptionsRoot)

	nsCapacity = []byte("/providers/microsoft.capacity/")
	nsBenefits = []byte("/providers/microsoft.billingbenefits/")
)

// parse fills r from a raw id.
func (r *resource) parse(raw []byte) {
	r.id, r.typ = azure.AppendID(r.id[:0], raw), r.typ[:0]
	r.kind, r.subscription, r.group, r.hasGUID = "empty", nil, nil, false
	if len(r.id) == 0 {
		return
	}
	segments, provider, isCapacity, isBenefit := 0, -1, false, false
	for at := 0; at >= 0; at = nextSlash(r.id, at+1) {
		segments++
		if bytes.HasPrefix(r.id[at:], providers) {
			provider = at
			isCapacity = isCapacity || bytes.HasPrefix(r.id[at:], nsCapacity)
			isBenefit = isBenefit || bytes.HasPrefix(r.id[at:], nsBenefits)
		}
	}
	if provider >= 0 {
		r.typ = azure.AppendProviderType(r.typ, r.id[provider+len(providers):])
		if bytes.IndexByte(r.typ, '/') < 0 {
			r.typ = r.typ[:0] // a provider alone is not a type
		}
	}
	r.subscription, r.group = azure.SplitID(r.id)
	r.hasGUID = azure.IsGUID(r.subscription) && string(r.subscription) != azure.NilGUID
	switch {
	case isCapacity:
		r.kind = "reservation"
	case isBenefit:
		r.kind = "savings_plan"
	case bytes.HasPrefix(r.id, providers):
		r.kind = "tenant"
	case !bytes.HasPrefix(r.id, subscriptions):
		r.kind = "bare_name"
	case segments == 2:
		r.kind = "subscription"
	case segments == 4 && len(r.group) > 0:
		r.kind = "rg"
	default:
		r.kind = "arm"
	}
}

// nextSlash returns the index of the next slash from i on, or -1.
func nextSlash(id []byte, i int) int {
	n := bytes.IndexByte(id[i:], '/')
	if n < 0 {
		return -1
	}
	return i + n
}

// subscriptionOf extracts the subscription from a cell: a bare id or `/subscriptions/<id>`.
func subscriptionOf(cell []byte) []byte {
	cell = bytes.Trim(cell, "/")
	const prefix = "subscriptions/"
	if len(cell) > len(prefix) && azure.EqualFold(cell[:len(prefix)], prefix) {
		cell, _, _ = bytes.Cut(cell[len(prefix):], []byte("/"))
	}
	return cell
}
