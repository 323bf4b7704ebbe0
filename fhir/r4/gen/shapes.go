package main

import "encoding/json"

// The parts of the definitions that the tables need, under the names of FHIR.

type structure struct {
	Name, Type, Kind, Derivation, BaseDefinition string
	Abstract                                     bool
	Snapshot                                     struct{ Element []element }
}

type element struct {
	Path, Max, ContentReference string
	Min                         int
	Base                        struct{ Path string }
	Type                        []elementType
	Binding                     struct{ Strength, ValueSet string }
	Constraint                  []constraint
	IsModifier, IsSummary       bool
}

type elementType struct {
	Code                   string
	Profile, TargetProfile []string
	Extension              []struct{ URL, ValueURL, ValueString string }
}

type constraint struct{ Key, Severity, Human, Expression string }

type searchParameter struct {
	URL, Code, Type, Expression string
	Base, Target                []string
	Component                   []struct{ Definition, Expression string }
}

type compartment struct {
	Code     string
	Resource []struct {
		Code  string
		Param []string
	}
}

type valueSet struct {
	URL     string
	Compose struct {
		Include []struct {
			System   string
			ValueSet []string
			Concept  []json.RawMessage
		}
	}
}

type codeSystem struct{ URL, Content string }

type expandedSet struct {
	URL       string
	Expansion struct{ Contains []contained }
}

type contained struct {
	System, Code, Display string
	Abstract              bool
	Contains              []contained
}
