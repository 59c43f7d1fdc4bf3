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
	if r.typ = azure.AppendResourceType(r.typ, r.id); bytes.IndexByte(r.typ, '/') < 0 {
		r.typ = r.typ[:0] // a provider alone is not a type
	}
	r.subscription, r.group = azure.SplitID(r.id)
	r.hasGUID = azure.IsGUID(r.subscription) && string(r.subscription) != azure.NilGUID
	switch segments := bytes.Count(r.id, []byte("/")); {
	case bytes.Contains(r.id, nsCapacity):
		r.kind = "reservation"
	case bytes.Contains(r.id, nsBenefits):
		r.kind = "savings_plan"
	case bytes.HasPrefix(r.id, []byte(azure.ProvidersSegment)):
		r.kind = "tenant"
	case !bytes.HasPrefix(r.id, []byte(azure.SubscriptionsRoot)):
		r.kind = "bare_name"
	case segments == 2:
		r.kind = "subscription"
	case segments == 4 && len(r.group) > 0:
		r.kind = "rg"
	default:
		r.kind = "arm"
	}
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
