package search

import "slices"

// contained reads _contained (https://hl7.org/fhir/R4/search.html#contained).
func (p *parser) contained(value string) *problem {
	i := slices.Index([]string{"false", "true", "both"}, value)
	if i < 0 {
		return badValue("must be true, false or both")
	}
	p.q.Contained = ContainedFalse + Contained(i)
	return nil
}

func (p *parser) containedType(value string) *problem {
	if value != "container" && value != "contained" {
		return badValue("must be container or contained")
	}
	p.q.Bare = value == "contained"
	return nil
}

// together reports what cannot be asked together. Contained resources are read from what contains them, in the order of
// creation, and what contains them is of any type.
func (p *parser) together() {
	if p.q.Contained == ContainedFalse {
		return
	}
	switch q := p.q; {
	case q.Type == "":
		p.report("_contained", malformed("belongs to a search of one type"))
	case len(q.Sort) > 0:
		p.report("_sort", malformed("cannot be asked together with _contained, whose results come in the order of creation"))
	case len(q.Includes) > 0:
		p.report("_contained", malformed("cannot be asked together with _include or _revinclude; read what is referred to by a search of its own"))
	case len(q.Elements) > 0 && !q.Bare:
		p.report("_elements", malformed("names elements of %s, and _contained returns what contains them; add _containedType=contained", q.Type))
	}
}
