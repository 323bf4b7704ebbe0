package app

import (
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/path"
	"github.com/ficushealth/ficus/fhir/term"
	"github.com/ficushealth/ficus/fhir/validate"
)

// What expressions ask of a terminology and of profiles is answered from what R4 itself publishes.

// isMember answers memberOf().
func isMember(coded path.Node, url string) (bool, error) {
	lib := term.Base()
	set, err := lib.ValueSet(url)
	if err != nil {
		return false, err
	}
	if set == nil {
		return false, fault.New(fault.Unprocessable, "memberOf(): the value set is none of R4's own")
	}
	for _, c := range codings(coded) {
		answer, err := term.Contains(lib, set, c)
		switch {
		case err != nil:
			return false, err
		case answer.In == term.Yes:
			return true, nil
		case answer.In == term.Unknown:
			return false, fault.New(fault.Unprocessable, "memberOf(): a code system that decides is not known here")
		}
	}
	return false, nil
}

// covers answers subsumes().
func covers(general, special path.Node) (bool, error) {
	for _, a := range codings(general) {
		for _, b := range codings(special) {
			if a.System != b.System {
				continue
			}
			cs, err := term.Base().CodeSystem(a.System)
			if err != nil {
				return false, err
			}
			if cs == nil {
				return false, fault.New(fault.Unprocessable, "subsumes(): the code system is none of R4's own")
			}
			if cs.Subsumes(a.Code, b.Code) {
				return true, nil
			}
		}
	}
	return false, nil
}

// codings are the codes that a node of any coded type holds. That of a primitive has no system.
func codings(n path.Node) []term.Coding {
	v := n.Value()
	switch {
	case v.Kind() != fhir.Object:
		return []term.Coding{{Code: n.Str()}}
	case v.Get("coding").Exists():
		var list []term.Coding
		for c := range v.Get("coding").Items() {
			list = append(list, coding(c))
		}
		return list
	}
	return []term.Coding{coding(v)}
}

func coding(v fhir.Value) term.Coding {
	return term.Coding{System: v.Get("system").Str(), Version: v.Get("version").Str(), Code: v.Get("code").Str(), Display: v.Get("display").Str()}
}

// conforms answers conformsTo() for a resource and a profile of R4.
func conforms(n path.Node, profile string) (bool, error) {
	r, err := fhir.AsResource(n.Value())
	if err != nil {
		return false, fault.New(fault.Unprocessable, "conformsTo(): only whole resources are held to profiles here")
	}
	v := validate.New(validate.Options{})
	if !v.Knows(profile) {
		return false, fault.New(fault.Unprocessable, "conformsTo(): the profile is none of R4's own")
	}
	issues, err := v.Check(r, profile)
	if err != nil {
		return false, err
	}
	for _, i := range issues {
		if !i.Warning {
			return false, nil
		}
	}
	return true, nil
}
