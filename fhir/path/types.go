package path

import "github.com/ficushealth/ficus/fhir/r4"

// Types are the FHIR types that the results can have when the expression is evaluated for an item of one of the types given,
// as far as that is known before there is any data; nil is anything, of what is given and what is returned. A System value
// counts as the element that it converts to. Faults: as Check.
func (e *Expr) Types(of []*r4.TypeInfo) ([]*r4.TypeInfo, error) {
	out, err := e.shape(of...)
	if err != nil || out.sys == kNone || int(out.sys) >= len(elementTypes) {
		return out.types, err
	}
	return []*r4.TypeInfo{r4.Lookup(elementTypes[out.sys])}, nil
}
