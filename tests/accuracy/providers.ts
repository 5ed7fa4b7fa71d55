/**
 * Secrets that only a name gives away: a service, a word for credentials, a value without a form of its own, in the ways
 * configuration, code, commands and log texts write them. Services marked invented are in no rule.
 */

/** Services that issue keys without a form of their own. */
export const KNOWN_SERVICES = [
  'algolia', 'bitbucket', 'clockify', 'datadog', 'fastly', 'geoapify', 'hubspot', 'intercom', 'mailjet', 'mapquest',
  'newrelic', 'onesignal', 'pagerduty', 'pipedrive', 'plaid', 'pusher', 'rollbar', 'scrapingbee', 'trello', 'zendesk',
] as const;

/** Names that no rule knows. */
export const INVENTED_SERVICES = [
  'quorvia', 'tindlepost', 'brambleworks', 'northpay', 'skylarkmail', 'ozonedesk', 'fernmap', 'kettleai', 'ledgerly', 'pigeonsms',
] as const;

/** Forms of values, by weight of how often services use them. */
export const VALUE_SHAPES = [
  '{h32}', '{h32}', '{h40}', '{h64}', '{b20}', '{b24}', '{b32}', '{b32}', '{b40}', '{b64}', '{w32}', '{W32}', '{u43}', '{u22}',
  '{h8}-{h4}-4{h3}-a{h3}-{h12}', '{b16}', '{h24}', '{#4}.{h32}.{h32}', '{b22}.{b27}', 'live_{b26}',
] as const;

/**
 * `%s` service in lower case, `%S` in upper case, `%T` with a capital, `%v` the value. Each says by a word that a
 * credential follows.
 */
export const NAMED_SYNTAXES = [
  'export %S_API_KEY=%v',
  '%S_TOKEN="%v"',
  'ENV %S_API_KEY %v',
  'docker run -d -e %S_TOKEN=%v registry/app:2.1',
  '  %s_api_key: %v',
  '%s:\n  region: eu\n  api_key: %v',
  '{"%s":{"apiKey":"%v","region":"eu"}}',
  '  "%sToken": "%v",',
  '%s_secret = "%v"',
  '%s.token=%v',
  '%s.client.secret = %v',
  '<%sApiKey>%v</%sApiKey>',
  '<add key="%TToken" value="%v" />',
  '<key>%TApiKey</key><string>%v</string>',
  '%sKey := "%v"',
  'const %TToken = "%v"',
  "const client = new %T({ apiKey: '%v', timeout: 30 });",
  "axios.get(url, { headers: { 'X-%T-Token': '%v' } })",
  '%s.api_key = "%v"',
  'os.environ["%S_TOKEN"] = "%v"',
  'headers = {"Authorization": "Token %v"}  # %s',
  "config.%s_token = '%v'",
  ':%s_secret => "%v",',
  "define('%S_API_KEY', '%v');",
  "'%s' => ['secret' => '%v'],",
  'private static final String %S_API_KEY = "%v";',
  'System.setProperty("%s.token", "%v");',
  'public string %TToken { get; set; } = "%v";',
  '%s_api_token = "%v"',
  'variable "%s_token" { default = "%v" }',
  'curl -H "Authorization: Bearer %v" https://api.%s.example/v1/me',
  'curl -s -H "X-Api-Key: %v" https://api.%s.example/v1/items',
  'curl "https://api.%s.example/v1/items?api_key=%v&page=2"',
  '%s-cli --api-key %v sync --all',
  '%s login --token=%v',
  'machine api.%s.example login ana password %v',
  '//registry.%s.example/:_authToken=%v',
  'Endpoint=sb://%s.example/;SharedAccessKeyName=root;SharedAccessKey=%v',
  '[DEBUG] %s: using API key %v for sync',
  "%s token - '%v'",
  'WARN the %s secret is %v, rotate it',
  '> Authorization: Token token=%v',
  '2026-03-14 09:21:07 INFO http GET https://api.%s.example/feed?access_token=%v 200',
  '%s,api_key,%v',
  '| %S_TOKEN | %v |',
  '          %s-token: %v',
  'setx %S_KEY "%v"',
  '$env:%S_KEY = "%v"',
  'set -x %S_TOKEN %v',
  'let %s_token = "%v";',
  'buildConfigField "String", "%S_KEY", "\\"%v\\""',
  'git clone https://ana:%v@git.%s.example/shop.git',
  'GET /cb?next=%2Fapp%3F%s_token%3D%v%26x%3D1 HTTP/1.1',
  'cfg="{\\"%s\\":{\\"token\\":\\"%v\\"}}"',
  'key: %S_API_KEY value: %v',
  '{"name":"%S_TOKEN","value":"%v"}',
  "--set %s.apiKey='%v'",
  '%T API Key: %v',
  '%s_credentials: "%v"',
  '%s.setAccessToken("%v")',
] as const;

/** Only the service's name tells: for the services that rules know. */
export const BARE_SYNTAXES = [
  '%s: %v',
  '%s = "%v"',
  '%S=%v',
  '{"%s":"%v"}',
  '%s_prod => \'%v\'',
  'new %T("%v")',
  '%s("%v")',
  '%sLive: "%v",',
] as const;
