package fhir

import (
	"strconv"

	"github.com/ficushealth/ficus/fault"
)

// Outcome is an OperationOutcome of the issues (https://hl7.org/fhir/R4/operationoutcome.html).
// An issue with Warning set has severity "warning", with Info "information", any other the severity given:
// "fatal", "error", "warning" or "information".
func Outcome(severity string, issues ...fault.Issue) *Obj {
	list := &List{}
	for _, i := range issues {
		list.Add(issue(severity, i))
	}
	return NewObject().Set("resourceType", "OperationOutcome").Set("issue", list)
}

func issue(severity string, i fault.Issue) *Obj {
	switch {
	case i.Info:
		severity = "information"
	case i.Warning:
		severity = "warning"
	}
	o := NewObject()
	if i.Line > 0 {
		o.Set("extension", (&List{}).Add(place("line", i.Line)).Add(place("col", i.Col)))
	}
	o.Set("severity", severity).Set("code", i.Code)
	text := i.Text
	if i.Line > 0 {
		text += " (line " + strconv.Itoa(i.Line) + ", column " + strconv.Itoa(i.Col) + ")"
	}
	o.Set("diagnostics", text)
	if i.Expression != "" {
		o.Set("expression", (&List{}).Add(i.Expression))
	}
	return o
}

// place is the HL7 extension that gives an issue's place in the source text.
func place(what string, n int) *Obj {
	return NewObject().
		Set("url", "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-"+what).
		Set("valueInteger", n)
}
