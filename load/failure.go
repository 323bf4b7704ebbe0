package load

import (
	"fmt"
	"regexp"
	"strconv"
)

// place is how a server names the entry at fault (https://hl7.org/fhir/R4/operationoutcome-definitions.html#OperationOutcome.issue.expression).
var place = regexp.MustCompile(`Bundle\.entry\[(\d+)\]`)

// blamed finds the entry at fault in what the server says of a transaction.
func blamed(a attempt) Failure {
	f := Failure{a.entries[0].file, a.entries[0].index, a.err}
	if !a.transaction {
		return f
	}
	f.Entry = -1
	if m := place.FindStringSubmatch(a.err.Error()); m != nil {
		if i, err := strconv.Atoi(m[1]); err == nil && i < len(a.entries) {
			f.Entry = a.entries[i].index
		}
	}
	return f
}

// String names file, entry and reason.
func (f Failure) String() string {
	if f.Entry < 0 {
		return fmt.Sprintf("%s: %v", f.File, f.Err)
	}
	if lines(f.File) {
		return fmt.Sprintf("%s: line %d: %v", f.File, f.Entry+1, f.Err)
	}
	return fmt.Sprintf("%s: entry %d: %v", f.File, f.Entry, f.Err)
}
