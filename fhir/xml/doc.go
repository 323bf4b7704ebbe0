// Package xml is the XML form of a resource (https://hl7.org/fhir/R4/xml.html), both ways:
// Parse and ToJSON read it (ParseAnyOrder what is only looked at), Append and Pretty write it. In between is the JSON form, with
// which the rest of Ficus works; nothing is lost on the way but formatting, comments and
// processing instructions, which the specification does not count as content.
//
// It owns the reading of XML itself (https://www.w3.org/TR/xml/, namespaces included), as
// far as resources use it: UTF-8, no document type, and so no entities but the five of XML.
// Digits of numbers and the bytes of narratives stay as they are, line ends included.
//
// It promises to be strict: elements must be known to fhir/r4, in their order, in the
// right namespace and not empty; everything else is refused with line and column. Size,
// depth and number of attributes are bounded, and no input takes more than a few times its
// size in time or memory.
//
// It never looks at values beyond what JSON needs (whether a boolean is one): that is
// fhir/validate's. A resource that Parse has read tells places of the XML.
package xml
