package load

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/fault"
)

// place is how a server names the entry at fault (https://hl7.org/fhir/R4/operationoutcome-definitions.html#OperationOutcome.issue.expression).
var place = regexp.MustCompile(`Bundle\.entry\[(\d+)\]`)

// blamed finds the entry at fault in what the server says of a transaction.
func blamed(a attempt) Failure {
	f := Failure{a.entries[0].file, a.entries[0].index, a.err}
	if f.Entry < 0 {
		f.Err = fault.New(fault.Invalid, "%s", unsent(a.err)) // the file is no bundle, and was sent in one
	}
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

// sent is how a server names places in the bundle that we made, which nobody else has seen.
var sent = regexp.MustCompile(`Bundle\.entry\[\d+\](\.resource)?\.?| \(line \d+, column \d+\)`)

// reason is why, in places of the entry.
func (f Failure) reason() string {
	if f.Entry < 0 {
		return f.Err.Error()
	}
	return unsent(f.Err)
}

// unsent leaves out of a reason the places of what was sent.
func unsent(err error) string {
	return strings.TrimPrefix(strings.ReplaceAll(sent.ReplaceAllString(err.Error(), ""), ": : ", ": "), ": ")
}

// String names file, entry and reason.
func (f Failure) String() string {
	switch {
	case f.Entry < 0:
		return f.File + ": " + f.reason()
	case lines(f.File):
		return fmt.Sprintf("%s: line %d: %s", f.File, f.Entry+1, f.reason())
	}
	return fmt.Sprintf("%s: Bundle.entry[%d]: %s", f.File, f.Entry, f.reason())
}
