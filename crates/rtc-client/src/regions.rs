//! The endpoint of the service's region, as the environment and a file set it.

#[cfg(feature = "profile")]
mod yaml;

use crate::BuildError;
use crate::env::Surroundings;

/// The only region that the SDKs know for the service.
pub(crate) const REGION: &str = "cn-north-4";
/// Overrides the endpoint; of several, parted by commas, the first is used.
const ENDPOINT: &str = "HUAWEICLOUD_SDK_REGION_CLOUDRTC_CN_NORTH_4";
/// Names another file than the one in the home directory.
#[cfg(feature = "profile")]
const FILE: &str = "HUAWEICLOUD_SDK_REGIONS_FILE";
#[cfg(feature = "profile")]
const HOME_FILE: &str = ".huaweicloud/regions.yaml";

/// The endpoint that is set in the place of the service's own, by the variable or by the file.
pub(crate) fn endpoint(surroundings: &Surroundings<'_>) -> Result<Option<String>, BuildError> {
    let endpoints = surroundings.var(ENDPOINT)?.unwrap_or_default();
    let first = endpoints.split(',').map(str::trim).find(|endpoint| !endpoint.is_empty());
    if let Some(first) = first {
        return Ok(Some(first.to_owned()));
    }
    #[cfg(feature = "profile")]
    return of_file(surroundings);
    #[cfg(not(feature = "profile"))]
    Ok(None)
}

#[cfg(feature = "profile")]
fn of_file(surroundings: &Surroundings<'_>) -> Result<Option<String>, BuildError> {
    let named = surroundings.var(FILE)?.map(std::path::PathBuf::from);
    let is_named = named.is_some();
    let at_home = || Some(surroundings.home.as_ref()?.join(HOME_FILE));
    let Some(path) = named.or_else(at_home) else { return Ok(None) };
    let refuse = |source| BuildError::RegionsFile { path: path.clone(), source };
    let text = match crate::credentials::read_text(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !is_named => return Ok(None),
        read => read.map_err(|error| refuse(error.into()))?,
    };
    yaml::endpoint(&text).map_err(|error| refuse(error.into()))
}

#[cfg(test)]
#[cfg(feature = "profile")]
mod tests;
