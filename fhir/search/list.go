package search

import (
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// listed reads _list: resources that are items of one of the lists with these ids
// (https://hl7.org/fhir/R4/search.html#list). That is the same as _has:List:item:_id.
func listed(value, typ string) (Clause, *problem) {
	ids := split(value, ',')
	for _, id := range ids {
		switch {
		case strings.HasPrefix(id, "$"):
			return Clause{}, malformed("must be ids of List resources; functional lists, which begin with $, are not kept here")
		case !fhir.IsID(unescape(id)):
			return Clause{}, malformed("must be ids of List resources, separated by commas")
		}
	}
	item, _ := r4.FindParam("List", "item")
	byID, bad := compare(nil, "List", "_id", value)
	return Clause{Form: Join, Name: "_list", Type: named(typ), Reverse: true, Param: item, Code: item.Code, Other: "List", Sub: []Clause{byID}}, bad
}
