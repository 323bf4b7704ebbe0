package pack

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// Info is what a package says of itself in package.json.
type Info struct {
	Name, Version, Canonical, Title string
	FHIR                            []string          // releases of FHIR that it is for: "4.0.1"
	Needs                           map[string]string // packages by name, with their versions
	Resources                       int               // how many .index.json lists; 0 without one
}

// ForR4 reports whether the package is for R4; one that does not say is taken for it.
func (i Info) ForR4() bool {
	return len(i.FHIR) == 0 || slices.ContainsFunc(i.FHIR, func(v string) bool { return strings.HasPrefix(v, "4.0") })
}

// indexed is one line of .index.json.
type indexed struct{ file, resourceType string }

func (rd *reader) describe(raw []byte) error {
	v, err := fhir.ParseValue(raw, fhir.Limits{})
	if err != nil {
		return inFile(err, "package.json")
	}
	rd.info = Info{Name: v.Get("name").Str(), Version: v.Get("version").Str(), Canonical: v.Get("canonical").Str(), Title: v.Get("title").Str(), Needs: map[string]string{}}
	for _, list := range []string{"fhirVersions", "fhir-version-list"} {
		for f := range v.Get(list).Items() {
			rd.info.FHIR = append(rd.info.FHIR, f.Str())
		}
	}
	for name, version := range v.Get("dependencies").Members() {
		rd.info.Needs[name] = version.Str()
	}
	if !isName(rd.info.Name) || !isName(rd.info.Version) {
		return notAPackage("its package.json has no name or version")
	}
	return nil
}

// isName matches names and versions of packages: letters, digits, dots, hyphens, @, / and +.
func isName(s string) bool {
	return s != "" && len(s) <= 200 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_@/+") == ""
}

func (rd *reader) contents(raw []byte) error {
	v, err := fhir.ParseValue(raw, fhir.Limits{Bytes: int(rd.lim.File)})
	if err != nil {
		return inFile(err, ".index.json")
	}
	for f := range v.Get("files").Items() {
		rd.index = append(rd.index, indexed{f.Get("filename").Str(), f.Get("resourceType").Str()})
	}
	return nil
}

// finish checks that the package said who it is and holds what it lists.
func (rd *reader) finish() (Info, error) {
	if rd.info.Name == "" {
		return Info{}, notAPackage("it has no package/package.json")
	}
	for _, f := range rd.index {
		if !rd.seen["package/"+f.file] {
			return Info{}, fault.New(fault.Invalid, "the package is not whole: it lists a file of type %s that it does not hold", f.resourceType)
		}
	}
	rd.info.Resources = len(rd.index)
	return rd.info, nil
}
