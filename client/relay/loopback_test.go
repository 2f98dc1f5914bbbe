package relay

import "testing"

func TestIsLoopback(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost":             true,
		"LocalHost.":            true,
		"shop.localhost":        true,
		"127.0.0.1":             true,
		"127.0.0.1.":            true,
		"127.255.255.254":       true,
		"127.1":                 true,
		"127.0.1":               true,
		"2130706433":            true, // 127.0.0.1
		"0x7f000001":            true,
		"0X7F.1":                true,
		"0x7f.0x0.0x0.0x1":      true,
		"0177.0.0.1":            true,
		"017700000001":          true,
		"127.0x.0.01":           true,
		"０x7f.1":                true, // a fullwidth zero
		"１２７。０．０。１":             true,
		"①27.0.0.1":             true,
		"ｌｏｃａｌｈｏｓｔ":             true,
		"0":                     true,
		"0.0.0.0":               true,
		"0x":                    true,
		"::1":                   true,
		"::1%lo":                true,
		"0:0:0:0:0:0:0:1":       true,
		"::":                    true,
		"::ffff:127.0.0.1":      true,
		"::ffff:7f00:1":         true,
		"::ffff:0.0.0.0":        true,
		"0:0:0:0:0:ffff:7f01:1": true,

		"":                   false,
		".":                  false,
		"shop.example":       false,
		"localhost.example":  false,
		"notlocalhost":       false,
		"127.0.0.1.example":  false,
		"127.0.0.0.1":        false,
		"127.0.0.256":        false,
		"127..1":             false,
		"127.0.0.1_":         false,
		"+2130706433":        false,
		"4294967296":         false,
		"0127.0.0.1":         false, // 87.0.0.1
		"0177.0.0.8x":        false,
		"0b1111111.1":        false,
		"126.255.255.255":    false,
		"128.1":              false,
		"2147483648":         false,
		"10.0.0.1":           false,
		"::2":                false,
		"::ffff:10.0.0.1":    false,
		"fe80::1":            false,
		"xn--localhost.test": false,
	} {
		if got := isLoopback(host); got != want {
			t.Errorf("%q: %t", host, got)
		}
	}
}
