package template

import (
	"github.com/pidledger/pidledger/cmd/template/deployments"
)

// refused reports what Azure Resource Manager refuses (L26).
func (c *checker) refused(d *deployments.Deployment) {
	for _, f := range d.Faults {
		x := c.report("L26", f.At, "ARM refuses the template: %s", f.Why)
		x.Name = d.Name.Alternatives()[0].String()
		if r := c.tracking(d); r != nil {
			x.about(r)
		}
	}
}
