package terms

import (
	"archive/zip"
	"bufio"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// CodeList says how a list of codes becomes a code system.
type CodeList struct {
	URL, Version, Name string
	Entry              string // of a zip: the file in it; "" is the largest .txt
}

// listed is one line of a list.
type listed struct{ code, display string }

// mostListed bounds the size of a list, unpacked.
const mostListed = 512 << 20

// ReadCodeList makes a CodeSystem of a list: lines of a code, white space and a name, or the order file of ICD-10-CM, whose
// codes get their dot and stand below the longest code that they begin with. The file may be zipped. Faults: Invalid
// with the line.
func ReadCodeList(file io.ReaderAt, size int64, l CodeList) (fhir.Resource, error) {
	text, err := listText(file, size, l.Entry)
	if err != nil {
		return fhir.Resource{}, err
	}
	defer text.Close() //nolint:errcheck // it is only read
	codes, nested, err := readLines(text)
	if err != nil {
		return fhir.Resource{}, err
	}
	return fhir.Parse(l.resource(codes, nested).JSON(), fhir.Limits{Bytes: mostListed})
}

func listText(file io.ReaderAt, size int64, entry string) (io.ReadCloser, error) {
	magic := make([]byte, 4)
	if _, err := file.ReadAt(magic, 0); err != nil || string(magic[:2]) != "PK" {
		return io.NopCloser(io.LimitReader(io.NewSectionReader(file, 0, size), mostListed)), nil
	}
	z, err := zip.NewReader(file, size)
	if err != nil {
		return nil, fault.New(fault.Invalid, "the zip file is damaged")
	}
	var chosen *zip.File
	for _, f := range z.File {
		named := entry != "" && path.Base(f.Name) == entry
		if named || entry == "" && strings.HasSuffix(f.Name, ".txt") && (chosen == nil || f.UncompressedSize64 > chosen.UncompressedSize64) {
			chosen = f
		}
	}
	if chosen == nil {
		return nil, fault.New(fault.Invalid, "the zip file holds no such list of codes")
	}
	r, err := chosen.Open()
	if err != nil {
		return nil, fault.New(fault.Invalid, "the zip file is damaged")
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(r, mostListed), r}, nil
}

// order is a line of the order file of ICD-10-CM: number, code, whether it is a heading, short and long name.
var order = regexp.MustCompile(`^\d{5} ([A-Z0-9]{3,7}) +[01] .{60} (.+)$`)

func readLines(r io.Reader) (codes []listed, nested bool, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), 1<<20)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimRight(lines.Text(), " \t\r")
		if line == "" {
			continue
		}
		if m := order.FindStringSubmatch(line); m != nil {
			nested = true
			codes = append(codes, listed{dotted(m[1]), m[2]})
			continue
		}
		i := strings.IndexAny(line, " \t")
		if i <= 0 || nested {
			return nil, false, fault.At(fault.Invalid, fault.Issue{Code: "invalid", Text: "a line of the list is not a code and a name", Line: n, Col: 1})
		}
		codes = append(codes, listed{line[:i], strings.TrimSpace(line[i:])})
	}
	if lines.Err() != nil {
		return nil, false, fault.New(fault.Invalid, "the list of codes cannot be read to its end")
	}
	return codes, nested, nil
}

// dotted writes a code of ICD-10-CM as it is written everywhere but in its files.
func dotted(code string) string {
	if len(code) <= 3 {
		return code
	}
	return code[:3] + "." + code[3:]
}

func (l CodeList) resource(codes []listed, nested bool) *fhir.Obj {
	o := fhir.NewObject().Set("resourceType", "CodeSystem").Set("url", l.URL)
	if l.Version != "" {
		o.Set("version", l.Version)
	}
	o.Set("name", l.Name).Set("status", "active").Set("caseSensitive", true)
	if nested {
		slices.SortStableFunc(codes, func(a, b listed) int { return strings.Compare(a.code, b.code) })
		o.Set("hierarchyMeaning", "is-a")
	}
	o.Set("content", "complete")
	rest := codes
	if list := concepts(&rest, "", nested); len(list.Items) > 0 {
		o.Set("concept", list)
	}
	return o
}

// concepts takes the codes that begin with prefix off the list; nested, each holds those that begin with it.
func concepts(rest *[]listed, prefix string, nested bool) *fhir.List {
	list := &fhir.List{}
	for len(*rest) > 0 && strings.HasPrefix((*rest)[0].code, prefix) {
		c := (*rest)[0]
		*rest = (*rest)[1:]
		o := fhir.NewObject().Set("code", c.code).Set("display", c.display)
		if nested {
			if below := concepts(rest, c.code, true); len(below.Items) > 0 {
				o.Set("concept", below)
			}
		}
		list.Add(o)
	}
	return list
}
