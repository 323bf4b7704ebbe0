package store

import (
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// fragments refuses a reference to a contained resource that is not there. Nothing but the body decides that, so it is
// checked when the write is planned.
func (m *member) fragments(o *op) error {
	if !m.integrity || o.opts.replayed {
		return nil
	}
	var contained map[string]bool
	for _, r := range o.refs {
		if r.Kind != fhir.RefFragment || r.Fragment == "" {
			continue
		}
		if contained == nil {
			contained = containedIDs(o.body)
		}
		if !contained[r.Fragment] {
			return misplaced(r, o, fault.New(fault.Unprocessable, "no contained resource has the id that this reference names"))
		}
	}
	return nil
}

func containedIDs(r fhir.Resource) map[string]bool {
	out := map[string]bool{}
	for c := range r.Get("contained").Items() {
		out[c.Get("id").Str()] = true
	}
	return out
}
