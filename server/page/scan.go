package page

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// Scan is a picture that a phone reads (QR code, ISO/IEC 18004).
type Scan struct {
	Label string // what it is, for who does not see it
	Side  int    // of the square, in modules, with the quiet zone
	Dark  string // the dark modules, as a path of SVG
}

func (Scan) kind() string { return "scan" }

// quiet is how many modules around the code are light.
const quiet = 4

// NewScan makes the picture of a text. It fails if the text is too long for one, some 2,000 bytes.
func NewScan(label, text string) (Scan, error) {
	c, err := qr.Encode(text, qr.M)
	if err != nil {
		return Scan{}, err
	}
	var path strings.Builder
	for y := range c.Size {
		for x := range c.Size {
			if c.Black(x, y) {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	return Scan{label, c.Size + 2*quiet, path.String()}, nil
}
