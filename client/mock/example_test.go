package mock_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"strings"

	"smp/client/mock"
)

func Example() {
	s, err := mock.Start(mock.Config{Key: "key"})
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()

	endpoint, _ := url.Parse(s.URL())
	endpoint.User = url.UserPassword("key", "")
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(endpoint)}}
	request, _ := http.NewRequest("GET", "http://example.com/base64/aGVsbG8=", nil)
	request.Header.Set("X-Crawlera-Session", "create")
	answer, err := client.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	fmt.Println(answer.StatusCode, string(body), len(answer.Header.Get("X-Crawlera-Session")))
	// Output: 200 hello 7
}

// A test asks for the verdict on a client's pacing.
func ExampleServer_Verdict() {
	s, err := mock.Start(mock.Config{TimeScale: 20})
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()

	endpoint, _ := url.Parse(s.URL())
	endpoint.User = url.UserPassword("test", "")
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(endpoint)}}
	session := "create"
	for range 2 {
		request, _ := http.NewRequest("POST", "http://example.com/post", strings.NewReader("in haste"))
		request.Header.Set("X-Crawlera-Session", session)
		answer, err := client.Do(request)
		if err != nil {
			log.Fatal(err)
		}
		session = answer.Header.Get("X-Crawlera-Session")
		_ = answer.Body.Close()
	}
	for _, early := range s.Verdict().Violations {
		fmt.Println(early.Method, early.Target, "came early")
	}
	// Output: POST http://example.com/post came early
}
