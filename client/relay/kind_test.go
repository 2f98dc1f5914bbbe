package relay

import (
	"net/http/httptest"
	"testing"
)

func TestKindOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, method, url string
		header            map[string]string
		want              Kind
	}{
		{"navigation", "GET", "https://shop.com/a.css", map[string]string{"Sec-Fetch-Dest": "document"}, Page},
		{"frame", "GET", "https://shop.com/", map[string]string{"Sec-Fetch-Dest": "iframe"}, Page},
		{"fetch of a picture", "GET", "https://shop.com/a.png", map[string]string{"Sec-Fetch-Dest": "empty"}, Data},
		{"script without extension", "GET", "https://shop.com/js", map[string]string{"Sec-Fetch-Dest": "script"}, Static},
		{"a destination of next year", "GET", "https://shop.com/a.js", map[string]string{"Sec-Fetch-Dest": "hologram"}, Data},
		{"destination before Accept", "GET", "https://shop.com/", map[string]string{"Sec-Fetch-Dest": "style", "Accept": "text/html"}, Static},
		{"navigation over http", "GET", "http://shop.com/a.php", map[string]string{"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}, Page},
		{"image over http", "GET", "http://shop.com/pixel", map[string]string{"Accept": "image/avif,image/webp,*/*;q=0.8"}, Static},
		{"style over http", "GET", "http://shop.com/s", map[string]string{"Accept": "text/css,*/*;q=0.1"}, Static},
		{"script over http", "GET", "http://shop.com/app.JS?v=1", map[string]string{"Accept": "*/*"}, Static},
		{"font over http", "GET", "http://shop.com/f.woff2", map[string]string{"Accept": "*/*"}, Static},
		{"data over http", "GET", "http://shop.com/api/items.json", map[string]string{"Accept": "*/*"}, Data},
		{"no browser", "GET", "http://shop.com/", nil, Data},
		{"form over http", "POST", "http://shop.com/buy", map[string]string{"Accept": "text/html"}, Page},
		{"upload", "POST", "http://shop.com/a.png", map[string]string{"Accept": "*/*"}, Data},
		{"form over https", "POST", "https://shop.com/buy", map[string]string{"Sec-Fetch-Dest": "document"}, Page},
		{"beacon over https", "POST", "https://shop.com/b", map[string]string{"Sec-Fetch-Dest": "empty"}, Data},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(tt.method, tt.url, nil)
			for name, value := range tt.header {
				r.Header.Set(name, value)
			}
			if got := KindOf(r); got != tt.want {
				t.Errorf("KindOf = %s, want %s", got, tt.want)
			}
		})
	}
}
