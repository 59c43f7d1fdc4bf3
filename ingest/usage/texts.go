package usage

import (
	"bytes"
	"slices"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/queries/columnar"
)

// resource fills the id columns. The resource id takes precedence over the other columns, which exports fill inaccurately; only the subscription is
// taken from its own column first (but see subscription). It reports whether the row names an Azure subscription.
func (n *Normaliser) resource(b *columnar.Batch, f [][]byte) (onAzure bool) {
	id, col := n.pick(f, fResourceID, n.idFill)
	if col >= 0 && len(f[col]) > 0 && !n.anyFill.has(azure.Trim(f[col])) {
		b.String(colResourceIDRaw, f[col])
	}
	r := n.resources.get(id, (*resource).parse)
	b.Str(colResourceIDKind, r.kind)
	if len(r.id) > 0 {
		b.String(colResourceID, r.id)
	}
	if s := n.subscription(f, r); len(s) > 0 {
		n.seen.subscriptions.add(s)
		b.String(colSubscriptionID, s)
	}
	if len(r.group) > 0 && !n.idFill.has(r.group) {
		b.String(colResourceGroup, r.group)
	} else if v, _ := n.pick(f, fResourceGroup, n.idFill); len(v) > 0 {
		b.String(colResourceGroup, n.convert(fResourceGroup, lower, v))
	}
	if len(r.typ) > 0 {
		b.String(colResourceType, r.typ)
	} else if v, _ := n.pick(f, fResourceType, n.idFill); len(v) > 0 {
		b.String(colResourceType, n.convert(fResourceType, lower, v))
	}
	return r.hasGUID || n.subscriptions.isGUID
}

// subscription returns the subscription of a row: the GUID in its column, else that in the resource id, else the text of the column. Partner Center
// names the resource's own subscription only in the URI, so there the id comes first.
func (n *Normaliser) subscription(f [][]byte, r *resource) []byte {
	if r.hasGUID && n.idFirst {
		return r.subscription
	}
	cell, _ := n.pick(f, fSubscriptionID, n.idFill)
	m := &n.subscriptions
	if !bytes.Equal(m.raw, cell) {
		m.raw = append(m.raw[:0], cell...)
		m.out = azure.AppendLower(m.out[:0], subscriptionOf(cell))
		if n.idFill.has(m.out) {
			m.out = m.out[:0]
		}
		m.isGUID = azure.IsGUID(m.out)
	}
	switch {
	case m.isGUID, !r.hasGUID && len(m.out) > 0:
		return m.out
	case n.idFill.has(r.subscription):
		return nil
	}
	return r.subscription
}

// unit fills the unit of the quantity: for a pricing quantity, the pricing unit.
func (n *Normaliser) unit(b *columnar.Batch, f [][]byte, priced bool) {
	first, second := fUnit, fPricingUnit
	if priced {
		first, second = second, first
	}
	v, _ := n.pick(f, first, n.unitFill)
	if len(v) == 0 {
		v, _ = n.pick(f, second, n.unitFill)
	}
	if len(v) > 0 {
		b.String(colUnit, v)
	}
}

// charge fills the charge columns.
func (n *Normaliser) charge(b *columnar.Batch, f [][]byte) charge {
	kind, _ := n.pick(f, fChargeType, n.anyFill)
	correction, _ := n.pick(f, fChargeCorrection, n.anyFill)
	status, _ := n.pick(f, fCommitmentStatus, n.anyFill)
	n.buf = append(append(append(append(append(n.buf[:0], kind...), 0), correction...), 0), status...)
	if n.last.class == "" || !bytes.Equal(n.buf, n.lastKey) {
		c, known := n.charges[string(n.buf)]
		if !known {
			c.class, c.isUsage = n.r.lists.charge(n.r.schema.Kind, string(kind), string(correction), string(status))
			if len(n.charges) < maxCharges {
				n.charges[string(n.buf)] = c
			}
		}
		n.last = c
		n.lastKey = append(n.lastKey[:0], n.buf...)
	}
	b.Str(colChargeClass, n.last.class)
	b.Bool(colIsUsage, n.last.isUsage)
	if len(kind) > 0 {
		b.String(colChargeTypeRaw, kind)
	}
	return n.last
}

// note records what Currencies and Hints return. A schema that implies its basis needs no hints.
func (n *Normaliser) note(c charge, currency, model, benefit []byte, cost amount) {
	if !bytes.Equal(currency, n.lastCurrency) {
		n.lastCurrency = append(n.lastCurrency[:0], currency...)
		if len(currency) > 0 && !slices.Contains(n.currencies, string(currency)) {
			n.currencies = append(n.currencies, string(currency))
		}
	}
	if n.r.schema.Basis != "" {
		return
	}
	switch c.class {
	case "unused_commitment":
		n.hints.Unused++
	case "usage":
		if cost.ok && cost.value.Sign() != 0 && (string(model) == "Reservation" || string(model) == "SavingsPlan") {
			n.hints.Committed++
		}
	case "purchase":
		if len(benefit) > 0 {
			n.hints.Bought++
		}
	}
}

// setTags fills tags, which is `{}` otherwise, and tags_raw.
func (n *Normaliser) setTags(b *columnar.Batch, f [][]byte) {
	cell, _ := n.pick(f, fTags, n.anyFill)
	if len(cell) == 0 {
		return
	}
	t := n.tags.get(cell, (*tagText).parse)
	switch {
	case t.bad:
		b.String(colTagsRaw, cell)
	case t.json.Len() > 0:
		b.String(colTags, t.json.Bytes())
	}
}

// extra keeps the cells of unknown columns, as one JSON object.
func (n *Normaliser) extra(b *columnar.Batch, f [][]byte) {
	n.buf = n.buf[:0]
	for i := range n.plan.unknown {
		u := &n.plan.unknown[i]
		v := n.say(f[u.cells.first])
		for _, k := range u.cells.rest {
			if len(v) > 0 {
				break
			}
			v = n.say(f[k])
		}
		if len(v) == 0 {
			continue
		}
		sep := byte(',')
		if len(n.buf) == 0 {
			sep = '{'
		}
		n.buf = append(append(append(n.buf, sep), u.name...), ':')
		n.buf = appendJSONString(n.buf, v)
	}
	if len(n.buf) > 0 {
		n.buf = append(n.buf, '}')
		b.String(colExtra, n.buf)
	}
}

// say returns a cell without outer blanks, or nil if it is a placeholder.
func (n *Normaliser) say(cell []byte) []byte {
	cell = azure.Trim(cell)
	if n.anyFill.has(cell) {
		return nil
	}
	return cell
}

// convert applies the change that a column asks for. The result is valid until the next text of the field.
func (n *Normaliser) convert(fl field, how change, v []byte) []byte {
	switch how {
	case lower, lowerID:
		if !hasUpper(v) && (how == lower || v[len(v)-1] != '/') {
			return v
		}
	case upper:
		if !hasLower(v) {
			return v
		}
	case mapped:
	default:
		return v
	}
	m := &n.memos[fl]
	if bytes.Equal(m.raw, v) {
		return m.out
	}
	m.raw = append(m.raw[:0], v...)
	m.out = m.out[:0]
	switch how {
	case lower:
		m.out = azure.AppendLower(m.out, v)
	case lowerID:
		m.out = azure.AppendLower(m.out, bytes.TrimRight(v, "/"))
	case upper:
		m.out = azure.AppendUpper(m.out, v)
	case mapped:
		if value, ok := n.r.lists.values[fields.names[fl]][loose(string(v))]; ok {
			m.out = append(m.out, value...)
		} else {
			m.out = append(m.out, v...)
		}
	}
	return m.out
}

func hasUpper(b []byte) bool {
	for _, c := range b {
		if c-'A' < 26 || c >= 0x80 {
			return true
		}
	}
	return false
}

func hasLower(b []byte) bool {
	for _, c := range b {
		if c-'a' < 26 {
			return true
		}
	}
	return false
}
