-- Another token with each request, a tenth of them bad, and a look at each status.
local pad = string.rep("x", 900)
local good, bad, at, wrong = {}, {}, 0, 0
local function request_of(name, index)
  return "GET /" .. name .. " HTTP/1.1\r\nHost: target\r\nAuthorization: Bearer " ..
    string.sub(name .. index .. pad, 1, 900) .. "\r\n\r\n"
end
for index = 1, 1000 do
  good[index] = request_of("good", index)
  bad[index] = request_of("bad", index)
end

request = function()
  at = at + 1
  if at % 10 == 0 then return bad[at % 1000 + 1] end
  return good[at % 1000 + 1]
end

response = function(status)
  if status ~= 200 and status ~= 401 then wrong = wrong + 1 end
end
