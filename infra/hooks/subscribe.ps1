# Subscribes the Functions app to the uploads that Event Grid reports; see subscribe.sh.
$ErrorActionPreference = 'Stop'

foreach ($name in 'AZURE_RESOURCE_GROUP', 'IPUNET_FUNCTIONS_APP', 'IPUNET_TOPIC', 'IPUNET_HOST_ACCOUNT_ID', 'IPUNET_EVENTS_IDENTITY_ID') {
    if (-not [Environment]::GetEnvironmentVariable($name)) { throw "$name is not set. Run 'azd provision' first." }
}

# A new host needs some time to make the key.
for ($tries = 0; -not $key; $tries++) {
    $key = az functionapp keys list --resource-group $env:AZURE_RESOURCE_GROUP --name $env:IPUNET_FUNCTIONS_APP `
        --query systemKeys.blobs_extension --output tsv
    if (-not $key) {
        if ($tries -ge 20) { throw "The Functions app $env:IPUNET_FUNCTIONS_APP has made no key for its blob trigger. Does it run?" }
        Start-Sleep -Seconds 15
    }
}

$webhook = "https://$env:IPUNET_FUNCTIONS_APP.azurewebsites.net/runtime/webhooks/blobs"
$parameters = New-TemporaryFile
try {
    @{
        '$schema'      = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#'
        contentVersion = '1.0.0.0'
        parameters     = @{
            topicName     = @{ value = $env:IPUNET_TOPIC }
            endpoint      = @{ value = "${webhook}?functionName=Host.Functions.TakeUpload&code=$key" }
            hostAccountId = @{ value = $env:IPUNET_HOST_ACCOUNT_ID }
            identityId    = @{ value = $env:IPUNET_EVENTS_IDENTITY_ID }
        }
    } | ConvertTo-Json -Depth 5 | Set-Content -Path $parameters
    az deployment group create --resource-group $env:AZURE_RESOURCE_GROUP --name uploads-subscription `
        --template-file "$PSScriptRoot/../events/subscription.bicep" --parameters "@$parameters" --output none
    if ($LASTEXITCODE -ne 0) { throw 'Event Grid could not be subscribed; see above.' }
}
finally {
    Remove-Item $parameters
}

Write-Output "Event Grid reports uploads to $env:IPUNET_FUNCTIONS_APP."
